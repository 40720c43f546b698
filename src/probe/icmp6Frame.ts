import { type Ipv6, octetsOf, parseIpv6 } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'

const ETHERNET_HEADER = 14
const IPV6_HEADER = 40
const ICMPV6 = 58
/** As many as there are. */
const HOPS = 255

/** Who sends: a link, by both its addresses. */
export interface Sender {
  readonly mac: Mac
  /** Link-local. */
  readonly address: Ipv6
}

/** An ICMPv6 message as it came in. */
export interface Icmp6 {
  readonly mac: Mac
  readonly from: Ipv6
  readonly type: number
  /** Whether it came from this very link; neighbour discovery is believed only if it did (RFC 4861, section 7.1). */
  readonly isFromHere: boolean
  /** What follows type, code and checksum. */
  readonly body: Buffer
}

/** A message to a multicast address (RFC 2464, section 7); type and code first, then its checksum, which is filled in. */
export function icmp6Frame(own: Sender, group: Ipv6, message: Buffer): Buffer {
  const [source, destination] = [own.address, group].map(address => Buffer.from(octetsOf(address)))
  if (!source || !destination) throw new Error('no addresses')
  const pseudo = Buffer.from([0, 0, 0, message.length, 0, 0, 0, ICMPV6])
  message.writeUInt16BE(0, 2)
  message.writeUInt16BE(checksumOf(Buffer.concat([source, destination, pseudo, message])), 2)
  const ethernet = Buffer.from(
    `3333${destination.toString('hex', 12)}${own.mac.replaceAll(':', '')}86dd`,
    'hex',
  )
  const ip = Buffer.from([0x60, 0, 0, 0, 0, message.length, ICMPV6, HOPS])
  return Buffer.concat([ethernet, ip, source, destination, message])
}

/** The message in an untagged frame, in hexadecimal digits, without extension headers; `undefined`: there is none. */
export function icmp6In(frame: string): Icmp6 | undefined {
  const bytes = Buffer.from(frame, 'hex')
  const message = bytes.subarray(ETHERNET_HEADER + IPV6_HEADER)
  if (message.length < 4 || bytes.readUInt16BE(12) !== 0x86dd || bytes[20] !== ICMPV6) return undefined
  const mac = parseMac(bytes.toString('hex', 6, 12).match(/../g)?.join(':') ?? '')
  const from = addressIn(bytes, 22)
  const [type = 0] = message
  return mac && from && { mac, from, type, isFromHere: bytes[21] === HOPS, body: message.subarray(4) }
}

/** The address that begins at an octet. */
export function addressIn(bytes: Buffer, at: number): Ipv6 | undefined {
  return parseIpv6(
    bytes
      .toString('hex', at, at + 16)
      .match(/.{4}/g)
      ?.join(':') ?? '',
  )
}

/** RFC 1071. */
function checksumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
