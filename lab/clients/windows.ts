import type { GuestPort } from '../guest.ts'
import type { DhcpClient } from './client.ts'
import { bytesOfMac } from './frame.ts'
import type { Lease } from './lease.ts'
import { type Manner, option, REQUEST } from './manner.ts'
import type { DhcpOption } from './packet.ts'
import { RawClient } from './raw.ts'

/** What tells one Windows from another on the wire. */
interface Recording {
  readonly name: string
  /** Vista's generation asks for broadcasts; later ones do so only after a minute of silence. */
  readonly broadcast: boolean
  /** Option 55, in the order asked for. */
  readonly parameters: readonly number[]
}

const UNTIL_8 = [1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43]
const SINCE_10 = [1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]

const RECORDINGS: readonly Recording[] = [
  { name: 'Windows Server 2008', broadcast: true, parameters: UNTIL_8 },
  { name: 'Windows 7', broadcast: false, parameters: UNTIL_8 },
  { name: 'Windows 10', broadcast: false, parameters: SINCE_10 },
]

const HOST_NAME = 'WIN-LAB'

/** Clients that send the options that Windows clients are recorded to send, in their order. */
export const windowsClients: readonly DhcpClient[] = RECORDINGS.map(recording => ({
  name: recording.name,
  start: port => replay(recording, port),
}))

async function replay(recording: Recording, port: GuestPort) {
  const client = await RawClient.open(port)
  let leased: Lease | undefined
  const options: Manner['options'] = (type, wanted) => optionsOf(recording, port, type, wanted)
  const exchange = client
    .exchange({ options, broadcast: recording.broadcast, timeoutMs: 15_000 })
    .then(lease => {
      leased = lease
    })
  return {
    lease: () => leased,
    stop: async () => {
      client.close()
      await exchange
    },
  }
}

/** A DISCOVER names the host only; a REQUEST also its full name (RFC 4702), without asking for a DNS update. */
function optionsOf(
  { parameters }: Recording,
  { mac }: GuestPort,
  type: number,
  wanted: readonly DhcpOption[],
): DhcpOption[] {
  const fqdn = option(81, [0, 0, 0, ...Buffer.from(HOST_NAME)])
  return [
    option(61, [1, ...bytesOfMac(mac)]),
    ...wanted,
    option(12, HOST_NAME),
    ...(type === REQUEST ? [fqdn] : []),
    option(60, 'MSFT 5.0'),
    option(55, parameters),
  ]
}
