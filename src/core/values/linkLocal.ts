import { type Ipv6, parseIpv6 } from './address.ts'
import type { Mac } from './mac.ts'

/** The link-local address a host makes of its MAC (RFC 4291, appendix A). */
export function linkLocalOf(mac: Mac): Ipv6 {
  const [first = 0, ...rest] = mac.split(':').map(pair => Number.parseInt(pair, 16))
  const octets = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)]
  const groups = [0, 2, 4, 6].map(at => (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16))
  const address = parseIpv6(`fe80::${groups.join(':')}`)
  if (address === undefined) throw new Error(`${mac} makes no link-local address`)
  return address
}
