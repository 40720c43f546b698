import type { Advertisement } from '../core/advertising/advertisement.ts'
import { addressOf6, type Ipv6, lengthOf, octetsOf } from '../core/values/address.ts'

/**
 * Seconds that a guest believes what it was told, the longest time for a default router by RFC 4861 (section 6.2.1). It is told
 * again every ten minutes, so that it outlasts the advertiser and the agent by two hours.
 */
const LIFETIME = 9000

const TYPE = 134
const HOP_LIMIT = 64
/** M and O: addresses and everything else by DHCPv6. */
const FLAGS = 0xc0

/** An ICMPv6 router advertisement (RFC 4861, section 4.2) without its checksum, which depends on who is told. */
export function messageOf({ router, onLink, mtu, dns, search }: Advertisement): Buffer {
  const lifetime = router === undefined ? 0 : LIFETIME
  return Buffer.from([
    ...[TYPE, 0, ...u16(0), HOP_LIMIT, FLAGS, ...u16(lifetime), ...u32(0), ...u32(0)],
    ...mtuOption(mtu),
    ...(onLink === undefined ? [] : onLinkOption(addressOf6(onLink), lengthOf(onLink))),
    ...(dns.length === 0 ? [] : rdnssOption(dns)),
    ...(search.length === 0 ? [] : dnsslOption(search)),
  ])
}

/** RFC 4861, section 4.6.4. */
function mtuOption(mtu: number): number[] {
  return [5, 1, ...u16(0), ...u32(mtu)]
}

/** RFC 4861, section 4.6.2: on-link, and never for guests to make addresses of. */
function onLinkOption(prefix: Ipv6, length: number): number[] {
  const onLink = 0x80
  return [3, 4, length, onLink, ...u32(LIFETIME), ...u32(LIFETIME), ...u32(0), ...octetsOf(prefix)]
}

/** RFC 8106, section 5.1. */
function rdnssOption(servers: readonly Ipv6[]): number[] {
  return [25, 1 + 2 * servers.length, ...u16(0), ...u32(LIFETIME), ...servers.flatMap(octetsOf)]
}

/** RFC 8106, section 5.2: names as in DNS (RFC 1035, section 3.1), then zeros up to a whole unit of eight octets. */
function dnsslOption(search: readonly string[]): number[] {
  const names = search.flatMap(name => [...name.split('.').flatMap(labelOf), 0])
  const units = Math.ceil(names.length / 8)
  const padding = Array<number>(units * 8 - names.length).fill(0)
  return [31, 1 + units, ...u16(0), ...u32(LIFETIME), ...names, ...padding]
}

function labelOf(label: string): number[] {
  return [label.length, ...Buffer.from(label, 'ascii')]
}

function u16(value: number): number[] {
  return [value >>> 8, value & 0xff]
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)]
}
