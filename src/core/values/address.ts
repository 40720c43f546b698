import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Brand } from './brand.ts'
import { memoOfText } from './memo.ts'

/** An IPv4 address in dotted decimal, without leading zeros: `192.0.2.5`. */
export type Ipv4 = Brand<string, 'Ipv4'>
/**
 * An IPv6 address in the canonical text form of RFC 5952: `2001:db8::5`. Never a zone. An IPv4-mapped one keeps its
 * IPv4 half in dotted decimal, as section 5 there recommends: `::ffff:192.0.2.5`.
 */
export type Ipv6 = Brand<string, 'Ipv6'>
export type Address = Ipv4 | Ipv6
/** An address with a prefix length, host bits kept: `192.0.2.5/24`. */
export type Cidr4 = Brand<string, 'Cidr4'>
export type Cidr6 = Brand<string, 'Cidr6'>
/** A network: an address with a prefix length, host bits zero: `192.0.2.0/24`. */
export type Prefix4 = Brand<string, 'Prefix4'>
export type Prefix6 = Brand<string, 'Prefix6'>
export type Prefix = Prefix4 | Prefix6

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)

/** Reads an IPv4 address in strict dotted decimal (RFC 6943, section 3.1.1); `undefined` for anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  return IPV4.test(text) ? (text as Ipv4) : undefined
}

/** Reads an IPv6 address (RFC 4291, section 2.2) without zone; `undefined` for anything else. */
export function parseIpv6(text: string): Ipv6 | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined
  // URL hosts are written as RFC 5952 wants it. ipaddr.js takes `::192.0.2.5` for `::ffff:192.0.2.5`.
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1)
  if (!canonical.startsWith('::ffff:')) return canonical as Ipv6
  const address = ipaddr.IPv6.parse(canonical)
  return (address.isIPv4MappedAddress() ? `::ffff:${address.toIPv4Address()}` : canonical) as Ipv6
}

export function parseAddress(text: string): Address | undefined {
  return parseIpv4(text) ?? parseIpv6(text)
}

export function isIpv4(address: Address): address is Ipv4 {
  return !address.includes(':')
}

export function isIpv6(address: Address): address is Ipv6 {
  return !isIpv4(address)
}

/** Splits `address/length`. The length is taken as written: `/024` is 24. */
function splitCidr(text: string, longest: number): { address: string; length: number } | undefined {
  const [, address, digits] = /^([^/]+)\/([0-9]+)$/.exec(text) ?? []
  if (address === undefined || digits === undefined) return undefined
  const length = Number(digits)
  return length <= longest ? { address, length } : undefined
}

/** Reads `address/length`, host bits kept; `undefined` unless both halves are valid. */
export function parseCidr4(text: string): Cidr4 | undefined {
  const parts = splitCidr(text, 32)
  const address = parts && parseIpv4(parts.address)
  return address && (`${address}/${parts.length}` as Cidr4)
}

/** Reads `address/length`, host bits kept; `undefined` unless both halves are valid. */
export function parseCidr6(text: string): Cidr6 | undefined {
  const parts = splitCidr(text, 128)
  const address = parts && parseIpv6(parts.address)
  return address && (`${address}/${parts.length}` as Cidr6)
}

export function addressOf4(cidr: Cidr4 | Prefix4): Ipv4 {
  return cidr.slice(0, cidr.indexOf('/')) as Ipv4
}

export function addressOf6(cidr: Cidr6 | Prefix6): Ipv6 {
  return cidr.slice(0, cidr.indexOf('/')) as Ipv6
}

export function lengthOf(cidr: Cidr4 | Cidr6 | Prefix): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1))
}

/** The network a CIDR lies in: `192.0.2.5/24` lies in `192.0.2.0/24`. */
export function prefixOf4(cidr: Cidr4): Prefix4 {
  return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${lengthOf(cidr)}` as Prefix4
}

/** Whether a prefix holds an address. */
export function contains4(prefix: Prefix4 | Cidr4, address: Ipv4): boolean {
  return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(prefix))
}

/** The four or sixteen octets of an address, most significant first. */
export function octetsOf(address: Address): number[] {
  return ipaddr.parse(address).toByteArray()
}

/** 127.0.0.0/8 and ::1: of no use to anybody but the host itself. */
export function isLoopback(address: Address): boolean {
  return ipaddr.parse(address).range() === 'loopback'
}

/** 169.254.0.0/16 and fe80::/10: of no meaning but on one link. */
export const isLinkLocal = memoOfText(
  (address: Address): boolean => ipaddr.parse(address).range() === 'linkLocal',
)

/** What nobody can be offered of IPv6, by what ipaddr.js calls it: `discard` leads nowhere (RFC 6666). */
const NOT_UNICAST6: readonly string[] = [
  'unspecified',
  'loopback',
  'linkLocal',
  'multicast',
  'ipv4Mapped',
  'discard',
]

/** Whether a host can have this address on the network: not ::, loopback, link-local, multicast, IPv4-mapped or 100::/64. */
export function isUnicast6(address: Ipv6): boolean {
  return !NOT_UNICAST6.includes(ipaddr.IPv6.parse(address).range())
}

/** Whether a host can have this address, of either family. */
export const isUnicast = memoOfText((address: Address): boolean =>
  isIpv4(address) ? isUnicast4(address) : isUnicast6(address),
)

/** Whether a host can have this address: not 0.0.0.0/8, loopback, multicast, reserved or broadcast. */
export function isUnicast4(address: Ipv4): boolean {
  const range = ipaddr.IPv4.parse(address).range()
  const first = Number(address.slice(0, address.indexOf('.')))
  return first > 0 && first < 224 && range !== 'loopback' && range !== 'unspecified'
}
