import { clientOf } from '../core/dhcp/client6.ts'
import { PROBE_KNOWN_AS } from '../core/dhcp/knownAs.ts'
import { addressOption, answerTo, solicitFrame } from '../core/dhcp/message6.ts'
import type { Ipv6 } from '../core/values/address.ts'
import type { ProbeStep } from './probeStep.ts'

/** Of the addresses that lead nowhere (RFC 6666); no guest is offered one. */
export const PROBE_ADDRESS6 = '100::67' as Ipv6

const XID = 0x676e65

/** One exchange is enough where the probe asks for a lease at once. */
export function probeSteps6(): readonly ProbeStep[] {
  const { mac, address } = PROBE_KNOWN_AS
  const asked = { mac, address, xid: XID, client: clientOf(mac), rapidCommit: true }
  return [{ frame: solicitFrame(asked), at: [answerTo(asked)], contains: addressOption(PROBE_ADDRESS6) }]
}
