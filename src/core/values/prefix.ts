import ipaddr from 'ipaddr.js'
import {
  type Address,
  type Cidr4,
  type Cidr6,
  isIpv4,
  lengthOf,
  type Prefix,
  type Prefix6,
  parseCidr4,
  parseCidr6,
  parseIpv6,
  prefixOf4,
} from './address.ts'
import { memoOfText } from './memo.ts'

/**
 * Reads a network in CIDR notation (RFC 4632, RFC 4291 section 2.3): `192.0.2.0/24`, `2001:db8::/48`. `undefined` for
 * anything else, also where host bits are set: whoever writes `192.0.2.5/24` may mean the host or the network.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const cidr4 = parseCidr4(text)
  if (cidr4 !== undefined) return unlessHostBits(prefixOf4(cidr4), cidr4)
  const cidr6 = parseCidr6(text)
  return cidr6 && unlessHostBits(prefixOf6(cidr6), cidr6)
}

export function prefixOf6(cidr: Cidr6): Prefix6 {
  const network = parseIpv6(ipaddr.IPv6.networkAddressFromCIDR(cidr).toString())
  return `${network}/${lengthOf(cidr)}` as Prefix6
}

/** The network an address with a length lies in: `192.0.2.5/24` lies in `192.0.2.0/24`. */
export const prefixOf = memoOfText(
  (cidr: Cidr4 | Cidr6): Prefix => (cidr.includes(':') ? prefixOf6(cidr as Cidr6) : prefixOf4(cidr as Cidr4)),
)

function unlessHostBits(prefix: Prefix, cidr: string): Prefix | undefined {
  return prefix === cidr ? prefix : undefined
}

/** Whether a network holds an address of the same family. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.includes(':') !== address.includes(':')) return false
  return ipaddr.parse(address).match(ipaddr.parseCIDR(prefix))
}

/** Whether two networks have an address in common: one of them then lies within the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return contains(a, addressIn(b)) || contains(b, addressIn(a))
}

/** The address before the length; of a network, its first. */
export function addressIn(cidr: Cidr4 | Cidr6 | Prefix): Address {
  return cidr.slice(0, cidr.indexOf('/')) as Address
}

/** The prefix that is this address alone. */
export function hostPrefix(address: Address): Prefix {
  return `${address}/${isIpv4(address) ? 32 : 128}` as Prefix
}

/** Whether this is one address. */
export function isHost(cidr: Cidr4 | Cidr6 | Prefix): boolean {
  return lengthOf(cidr) === (cidr.includes(':') ? 128 : 32)
}
