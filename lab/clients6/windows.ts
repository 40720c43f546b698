import { randomInt } from 'node:crypto'
import { Capture } from '../capture.ts'
import { bytesOfMac } from '../clients/frame.ts'
import { solicitation } from '../clients/icmp6.ts'
import { eventually } from '../eventually.ts'
import type { GuestPort } from '../guest.ts'
import type { DhcpClient6, Lease6 } from './client.ts'
import { bytesOf6, encodeFrame6 } from './frame.ts'
import { encode6, ia, option6 } from './message.ts'
import { RawClient6, TYPE } from './raw.ts'

/** What tells one Windows from another on the wire. */
interface Recording {
  readonly name: string
  /** The first octet of its IAID; the others are the vendor's of its MAC. */
  readonly iaid: number
  /** Option 39 behind the flags (RFC 4704): with a domain in full, without one a label that no zero ends. */
  readonly hostName: readonly number[]
  /** Option 6, in the order asked for. */
  readonly wanted: readonly number[]
}

const HOST_NAME = 'WIN-LAB'
const LABEL = [HOST_NAME.length, ...Buffer.from(HOST_NAME)]
const IN_FULL = [...LABEL, 3, ...Buffer.from('lab'), 7, ...Buffer.from('example'), 0]

/**
 * From five SOLICITs of as many machines, recorded by others: a Windows 7 of a domain, two Windows 10, and a setup of 2025 and another
 * that ask alike. Each solicits by itself, also where no router answers: seconds later still beside its router solicitations.
 */
const RECORDINGS = {
  windows7: { name: 'Windows 7', iaid: 0x17, hostName: IN_FULL, wanted: [24, 23, 17, 39] },
  windows10: { name: 'Windows 10', iaid: 0x0d, hostName: LABEL, wanted: [17, 24, 23, 39] },
  setup: { name: 'Windows setup of 2025', iaid: 0x04, hostName: LABEL, wanted: [17, 23, 24, 39] },
} as const satisfies Record<string, Recording>

/** Seconds since 2000 of the installation: Windows makes its DUID-LLT once, from the first NIC that it finds. */
const INSTALLED = 0x2a_4b_5c_6d

/** With a random interface identifier. */
const LINK_LOCAL = 'fe80::9d5a:3c1e:77b2:4f08'

/** Clients that send the options that Windows clients are recorded to send, in their order. */
export const windowsClients6: readonly DhcpClient6[] = Object.values(RECORDINGS).map(recording => ({
  name: recording.name,
  start: port => start(recording, port, async () => undefined),
}))

/**
 * A Windows 10 that asks for a router, and for an address only once one has told it that there is DHCPv6 (the flag M). What it is
 * given it takes; its routes are the kernel's, which hears the same advertisements.
 */
export const windows6ByRouter: DhcpClient6 = {
  name: 'Windows 10 by its router',
  async start(port) {
    const { guest, link } = port
    await guest.ip([`addr replace ${LINK_LOCAL}/64 dev ${link} nodad`])
    return await start(
      RECORDINGS.windows10,
      port,
      () => toldToAsk(port),
      leased => guest.ip([`addr replace ${leased.address}/128 dev ${link} nodad`]),
    )
  },
}

async function start(
  recording: Recording,
  port: GuestPort,
  isTime: () => Promise<unknown>,
  take: (leased: Lease6) => Promise<unknown> = async () => undefined,
) {
  const client = await RawClient6.open(port)
  let leased: Lease6 | undefined
  const exchange = (async () => {
    await isTime()
    const given = await exchangeWith(client, recording, port)
    if (given) await take(given)
    leased = given
  })()
  // Who waits for the lease is told by its absence, or by stop().
  exchange.catch(() => undefined)
  return {
    lease: () => leased,
    stop: async () => {
      await exchange
      client.close()
    },
  }
}

async function exchangeWith(
  client: RawClient6,
  recording: Recording,
  port: GuestPort,
): Promise<Lease6 | undefined> {
  const offered = await client.send(frameOf(recording, port, TYPE.solicit), { timeoutMs: 15_000 })
  const [address] = offered?.addresses ?? []
  if (address === undefined || !offered?.server) return undefined
  const request = frameOf(recording, port, TYPE.request, { address, server: offered.server })
  const given = await client.send(request, { timeoutMs: 5000 })
  const [taken] = given?.addresses ?? []
  return given && taken !== undefined ? { address: taken, dns: given.dns, search: given.search } : undefined
}

/** What it sends; of a REQUEST nothing is recorded but what RFC 8415, section 18.2.2, asks for besides. */
function frameOf(
  { iaid, hostName, wanted }: Recording,
  { mac }: GuestPort,
  type: number,
  offered?: { readonly address: string; readonly server: Buffer },
): Buffer {
  const own = bytesOfMac(mac)
  const stamp = Buffer.alloc(4)
  stamp.writeUInt32BE(INSTALLED)
  const held = offered ? [bytesOf6(offered.address)] : []
  const options = [
    option6(8, [0, 0]),
    option6(1, Buffer.concat([Buffer.from([0, 1, 0, 1]), stamp, own])),
    ...(offered ? [option6(2, offered.server)] : []),
    ia(iaid * 0x100_0000 + own.readUIntBE(0, 3), ...held),
    option6(39, [0, ...hostName]),
    option6(16, [0, 0, 1, 0x37, 0, 8, ...Buffer.from('MSFT 5.0')]),
    option6(
      6,
      wanted.flatMap(code => [0, code]),
    ),
  ]
  return encodeFrame6({
    sourceMac: mac,
    destinationMac: '33:33:00:01:00:02',
    sourceAddress: LINK_LOCAL,
    destinationAddress: 'ff02::1:2',
    sourcePort: 546,
    destinationPort: 547,
    hopLimit: 1,
    payload: encode6({ type, xid: randomInt(0x100_0000), options }),
  })
}

/** Solicits routers until an advertisement with the flag M comes in. */
async function toldToAsk({ guest, link, mac }: GuestPort): Promise<void> {
  const managed = await Capture.start(guest, link, 'icmp6 and ip6[40] == 134 and ip6[45] & 0x80 != 0')
  const tap = await guest.lab.wire().open(guest.netns, link, 'ipv6')
  try {
    tap.send(solicitation(mac, LINK_LOCAL, [1, 1, ...bytesOfMac(mac)]))
    await eventually('a router tells of DHCPv6', () => managed.frames().length > 0, { timeoutMs: 20_000 })
  } finally {
    tap.close()
    await managed.stop()
  }
}
