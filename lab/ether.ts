import { isIPv6 } from 'node:net'
import { octetsOf, parseAddress } from '../src/core/values/address.ts'

/** Frames as somebody with a raw socket may write them: whatever one says, and the checksums right. */

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, rarp: 0x8035, vlan: 0x8100, ipv6: 0x86dd } as const
export const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const ICMPV6 = 58
const UDP = 17

/** Bytes, numbers of one octet, or text in hexadecimal. */
export type Part = Uint8Array | readonly number[] | string

export function bytes(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map(part =>
      typeof part === 'string' ? Buffer.from(part.replaceAll(/[:\s]/g, ''), 'hex') : Buffer.from(part),
    ),
  )
}

export function u16(value: number): number[] {
  return [value >> 8, value & 255]
}

export function addressBytes(text: string): Buffer {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return Buffer.from(octetsOf(address))
}

/** `type` before the payload, and tags before that, the outer one first: a VLAN, or one with another EtherType. */
export function ethernet(
  { from, to = BROADCAST, type, tags = [] }: EthernetHeader,
  ...payload: readonly Part[]
): Buffer {
  const tagBytes = tags.map(tag =>
    typeof tag === 'number' ? bytes(u16(ETHERTYPE.vlan), u16(tag)) : bytes(u16(tag.type), u16(tag.vlan)),
  )
  return bytes(to, from, ...tagBytes, u16(type), ...payload)
}

/** The frame with a tag before all others. */
export function inVlan(frame: Buffer, vlan: number): Buffer {
  return bytes(frame.subarray(0, 12), u16(ETHERTYPE.vlan), u16(vlan), frame.subarray(12))
}

export interface EthernetHeader {
  readonly from: string
  readonly to?: string
  readonly type: number
  readonly tags?: readonly (number | { readonly type: number; readonly vlan: number })[]
}

/** RFC 826; `operation` 1 asks, 2 answers. */
export function arp({
  mac,
  address,
  target,
  operation = 2,
}: {
  mac: string
  address: string
  target: string
  operation?: number
}): Buffer {
  const head = [...u16(1), ...u16(ETHERTYPE.ipv4), 6, 4, ...u16(operation)]
  return bytes(
    head,
    mac,
    addressBytes(address),
    operation === 2 ? BROADCAST : '00:00:00:00:00:00',
    addressBytes(target),
  )
}

/** QEMU's announcement after a migration (RFC 903): `operation` 3. */
export function rarp(mac: string, operation = 3): Buffer {
  const head = [...u16(1), ...u16(ETHERTYPE.ipv4), 6, 4, ...u16(operation)]
  return bytes(head, mac, [0, 0, 0, 0], mac, [0, 0, 0, 0])
}

export interface Ipv4Header {
  /** 4 unless it lies. */
  readonly version?: number
  readonly from: string
  readonly to: string
  readonly protocol?: number
  /** In units of eight octets. */
  readonly fragmentOffset?: number
  readonly moreFragments?: boolean
  /** A multiple of four octets. */
  readonly options?: Part
}

/** RFC 791. */
export function ipv4(header: Ipv4Header, ...payload: readonly Part[]): Buffer {
  const {
    from,
    to,
    version = 4,
    protocol = UDP,
    fragmentOffset = 0,
    moreFragments = false,
    options = [],
  } = header
  const body = bytes(...payload)
  const optionBytes = bytes(options)
  const words = 5 + optionBytes.length / 4
  const fragment = (moreFragments ? 0x2000 : 0) + fragmentOffset
  const length = words * 4 + body.length
  const head = bytes(
    [version * 16 + words, 0, ...u16(length), 0, 1, ...u16(fragment), 64, protocol, 0, 0],
    addressBytes(from),
    addressBytes(to),
    optionBytes,
  )
  head.writeUInt16BE(checksum(head), 10)
  return bytes(head, body)
}

/** RFC 768; without a checksum, as IPv4 allows. */
export function udp(from: number, to: number, payload: Part = []): Buffer {
  const body = bytes(payload)
  return bytes(u16(from), u16(to), u16(8 + body.length), [0, 0], body)
}

export interface Ipv6Header {
  readonly from: string
  readonly to: string
  readonly next: number
  readonly hops?: number
  /** The flow label. */
  readonly flow?: number
}

/** RFC 8200. */
export function ipv6(
  { from, to, next, hops = 255, flow = 0 }: Ipv6Header,
  ...payload: readonly Part[]
): Buffer {
  const body = bytes(...payload)
  return bytes(
    [0x60, flow >> 16, ...u16(flow & 0xffff), ...u16(body.length), next, hops],
    addressBytes(from),
    addressBytes(to),
    body,
  )
}

/** A UDP message by IPv6, which needs its checksum. */
export function udp6(header: { from: string; to: string }, from: number, to: number): Buffer {
  const message = udp(from, to, [1, 2, 3, 4])
  message.writeUInt16BE(pseudoChecksum(header, UDP, message), 6)
  return message
}

/** RFC 3376 and RFC 2236: type and code, and what comes after the checksum. */
export function igmp(type: number, code: number, ...rest: readonly Part[]): Buffer {
  const message = bytes([type, code, 0, 0], ...rest)
  message.writeUInt16BE(checksum(message), 2)
  return message
}

/** RFC 4443: type, code 0, and what comes after the checksum. */
export function icmp6(header: { from: string; to: string }, type: number, ...rest: readonly Part[]): Buffer {
  const message = bytes([type, 0, 0, 0], ...rest)
  message.writeUInt16BE(pseudoChecksum(header, ICMPV6, message), 2)
  return message
}

export const NEXT = {
  hopByHop: 0,
  ipv4: 4,
  routing: 43,
  fragment: 44,
  authentication: 51,
  icmpv6: ICMPV6,
  destinationOptions: 60,
  udp: UDP,
} as const

/** That routers look into what is within (RFC 2711): a hop-by-hop header, as of each message of MLD. */
export function routerAlert(next: number): Buffer {
  return bytes([next, 0, 5, 2, 0, 0, 1, 0])
}

/** RFC 2460, section 4.4: with no address to go by. */
export function routing(next: number): Buffer {
  return bytes([next, 0, 0, 0, 0, 0, 0, 0])
}

/** RFC 4302, with an empty check. */
export function authentication(next: number): Buffer {
  return bytes([next, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
}

/** An extension header of padding alone (RFC 8200, section 4.2), eight octets times `units`. */
export function padding(next: number, units = 1): Buffer {
  const octets = units * 8 - 4
  return bytes([next, units - 1, 1, octets], new Uint8Array(octets))
}

/** RFC 8200, section 4.5; the offset in units of eight octets. */
export function fragment(next: number, offset: number, more: boolean): Buffer {
  return bytes([next, 0, ...u16(offset * 8 + (more ? 1 : 0)), 0, 0, 0, 1])
}

function pseudoChecksum({ from, to }: { from: string; to: string }, next: number, message: Buffer): number {
  if (!isIPv6(from)) throw new Error(`${from} is no IPv6 address`)
  return checksum(
    bytes(addressBytes(from), addressBytes(to), [0, 0, ...u16(message.length)], [0, 0, 0, next], message),
  )
}

/** RFC 1071. */
function checksum(data: Buffer): number {
  let sum = 0
  for (let at = 0; at < data.length; at += 2) sum += (data[at] ?? 0) * 256 + (data[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return ~sum & 0xffff
}

/** Octets of a mark. */
const MARK = 16

/** 16 octets that tell a frame from any other, and add nothing to an Internet checksum, however long they make a message. */
export function markOf(number: number): Buffer {
  const words = [0x6775, 0x6172, number & 0xffff].flatMap(word => [word, ~word & 0xffff])
  return bytes(...[...words, 0, ~MARK & 0xffff].map(u16))
}

/**
 * The frame with a mark at the end of its IP packet, or of the whole where it is none: what lies behind a packet a bridge
 * with Netfilter cuts off.
 */
export function marked(frame: Buffer, number: number): Buffer {
  let at = 12
  while (frame.readUInt16BE(at) === ETHERTYPE.vlan || frame.readUInt16BE(at) === 0x88a8) at += 4
  const copy = bytes(frame, markOf(number))
  const packet = copy.subarray(at + 2)
  if (frame.readUInt16BE(at) === ETHERTYPE.ipv6) packet.writeUInt16BE(packet.readUInt16BE(4) + MARK, 4)
  if (frame.readUInt16BE(at) === ETHERTYPE.ipv4) {
    packet.writeUInt16BE(packet.readUInt16BE(2) + MARK, 2)
    packet.writeUInt16BE(0, 10)
    packet.writeUInt16BE(checksum(packet.subarray(0, (packet.readUInt8(0) & 15) * 4)), 10)
  }
  return copy
}
