import type { GuestPort } from '../guest.ts'
import type { DhcpClient } from './client.ts'
import { bytesOfMac } from './frame.ts'
import type { Lease } from './lease.ts'
import { option, REQUEST } from './manner.ts'
import type { DhcpOption } from './packet.ts'
import { RawClient } from './raw.ts'

/** What tells one Windows from another on the wire. */
interface Recording {
  readonly name: string
  readonly broadcast: boolean
  /** Option 55, in the order asked for. */
  readonly parameters: readonly number[]
}

const RECORDINGS: readonly Recording[] = [
  {
    name: 'Windows 7',
    broadcast: true,
    parameters: [1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43],
  },
  {
    name: 'Windows 10',
    broadcast: false,
    parameters: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
  },
  {
    name: 'Windows Server 2019',
    broadcast: false,
    parameters: [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
  },
]

const HOST_NAME = 'WIN-LAB'

/** Clients that say what recorded Windows clients say, bit for bit where a server could tell. */
export const windowsClients: readonly DhcpClient[] = RECORDINGS.map(recording => ({
  name: recording.name,
  start: port => replay(recording, port),
}))

async function replay(recording: Recording, port: GuestPort) {
  const client = await RawClient.open(port)
  let leased: Lease | undefined
  const options = (type: number) => optionsOf(recording, port, type)
  const exchange = client
    .exchange({ options, broadcast: recording.broadcast, timeoutMs: 15_000 })
    .then(lease => {
      leased = lease
    })
  return {
    lease: () => leased,
    stop: async () => {
      client.close()
      // Unanswered, it would only go on waiting.
      if (leased !== undefined) await exchange
    },
  }
}

/** A DISCOVER names the host only; a REQUEST also its full name (RFC 4702), without asking for a DNS update. */
function optionsOf({ parameters }: Recording, { mac }: GuestPort, type: number): DhcpOption[] {
  const fqdn = option(81, [0, 0, 0, ...Buffer.from(HOST_NAME)])
  return [
    option(61, [1, ...bytesOfMac(mac)]),
    option(12, HOST_NAME),
    ...(type === REQUEST ? [fqdn] : []),
    option(60, 'MSFT 5.0'),
    option(55, parameters),
  ]
}
