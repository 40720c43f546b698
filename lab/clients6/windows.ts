import { Capture } from '../capture.ts'
import { bytesOfMac } from '../clients/frame.ts'
import { solicitation } from '../clients/icmp6.ts'
import { eventually } from '../eventually.ts'
import type { GuestPort } from '../guest.ts'
import type { DhcpClient6, Lease6 } from './client.ts'
import { option6 } from './message.ts'
import { RawClient6, TYPE } from './raw.ts'

/** Seconds since 2000 of the installation: Windows makes its DUID-LLT once, from the first NIC that it finds. */
const INSTALLED = 0x2a_4b_5c_6d

/** With a random interface identifier. */
const LINK_LOCAL = 'fe80::9d5a:3c1e:77b2:4f08'

/**
 * What Windows 10 sends, put together from what is published of it, since none was at hand to record. In this order: elapsed time,
 * its DUID, IA_NA with an IAID that has the vendor's half of the hardware address, its name (RFC 4704), vendor class 311
 * "MSFT 5.0", and what it wants to be told. Its link-local address has a random interface identifier.
 */
export const windows6: DhcpClient6 = { name: 'Windows 10', start: port => start(port, async () => undefined) }

/**
 * As it is without being told otherwise: it asks for a router, and for an address once one has told it that there is DHCPv6 (the
 * flag M). What it is given it takes; its routes are the kernel's, which hears the same advertisements.
 */
export const windows6ByRouter: DhcpClient6 = {
  name: 'Windows 10 by its router',
  async start(port) {
    const { guest, link } = port
    await guest.ip([`addr replace ${LINK_LOCAL}/64 dev ${link} nodad`])
    return await start(
      port,
      () => toldToAsk(port),
      leased => guest.ip([`addr replace ${leased.address}/128 dev ${link} nodad`]),
    )
  },
}

async function start(
  port: GuestPort,
  isTime: () => Promise<unknown>,
  take: (leased: Lease6) => Promise<unknown> = async () => undefined,
) {
  const client = await RawClient6.open(port)
  let leased: Lease6 | undefined
  const exchange = (async () => {
    await isTime()
    const given = await exchangeWith(client, port)
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

async function exchangeWith(client: RawClient6, port: GuestPort): Promise<Lease6 | undefined> {
  const mac = bytesOfMac(port.mac)
  const stamp = Buffer.alloc(4)
  stamp.writeUInt32BE(INSTALLED)
  const duid = Buffer.concat([Buffer.from([0, 1, 0, 1]), stamp, mac])
  const own = { duid, iaid: 0x0600_0000 + mac.readUIntBE(0, 3), from: LINK_LOCAL }
  const options = [
    option6(39, Buffer.concat([Buffer.from([0, 7]), Buffer.from('WIN-LAB')])),
    option6(16, Buffer.concat([Buffer.from([0, 0, 1, 0x37, 0, 8]), Buffer.from('MSFT 5.0')])),
    option6(6, [0, 24, 0, 23, 0, 17, 0, 39]),
  ]
  const offered = await client.ask(TYPE.solicit, own, { options, timeoutMs: 15_000 })
  const [address] = offered?.addresses ?? []
  if (address === undefined || !offered?.server) return undefined
  const asked = { options, address, server: offered.server, timeoutMs: 5000 }
  const given = await client.ask(TYPE.request, own, asked)
  const [taken] = given?.addresses ?? []
  return given && taken !== undefined ? { address: taken, dns: given.dns, search: given.search } : undefined
}

/** Solicits routers until an advertisement with the flag M comes in. */
async function toldToAsk({ guest, link, mac }: GuestPort): Promise<void> {
  const managed = await Capture.start(guest, link, 'icmp6 and ip6[40] == 134 and ip6[45] & 0x80 != 0')
  const tap = await guest.lab.wire().open(guest.netns, link, 'ipv6')
  try {
    tap.send(solicitation(mac, LINK_LOCAL))
    await eventually('a router tells of DHCPv6', () => managed.frames().length > 0, { timeoutMs: 20_000 })
  } finally {
    tap.close()
    await managed.stop()
  }
}
