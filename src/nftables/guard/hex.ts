import {
  type Address,
  addressOf6,
  type Ipv6,
  lengthOf,
  octetsOf,
  type Prefix6,
  parseIpv6,
} from '../../core/values/address.ts'
import { numberOf } from '../number.ts'

/**
 * IPv6 addresses as numbers: nftables before 1.0.9 cannot name the target of neighbour discovery, but look it up as 128 bits
 * of payload; so all sets of IPv6 addresses are sets of such, and one serves sources and targets.
 */
export function hexOf(address: Address): string {
  return `0x${octetsOf(address)
    .map(octet => octet.toString(16).padStart(2, '0'))
    .join('')}`
}

/** The first and the last address of a prefix. */
export function rangeOf(prefix: Prefix6): [string, string] {
  const first = BigInt(hexOf(addressOf6(prefix)))
  const last = first | ((1n << BigInt(128 - lengthOf(prefix))) - 1n)
  return [first, last].map(number => `0x${number.toString(16).padStart(32, '0')}`) as [string, string]
}

/** What nft prints of a number: small ones in decimal. */
export function addressOfNumber(number: unknown): Ipv6 | undefined {
  const digits = numberOf(number)?.toString(16).padStart(32, '0')
  return parseIpv6(digits?.match(/.{4}/g)?.join(':') ?? '')
}

/** The prefix from one number to another; `undefined` where no prefix is that range. */
export function prefixOfRange(first: unknown, last: unknown): Prefix6 | undefined {
  const address = addressOfNumber(first)
  const end = numberOf(last)
  if (address === undefined || end === undefined) return undefined
  const hosts = end - BigInt(hexOf(address)) + 1n
  const bits = hosts.toString(2).length - 1
  return hosts === 1n << BigInt(bits) ? (`${address}/${128 - bits}` as Prefix6) : undefined
}
