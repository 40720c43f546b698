import { type Ipv6, octetsOf } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'

const IPV6_HEADER = 40
const ETHERNET_HEADER = 14
const SOLICITATION = 135
const ADVERTISEMENT = 136

/**
 * Asks who has an address, from an own link-local one (RFC 4861, section 4.3): a question from no address at all would be the
 * duplicate address detection of somebody who wants it too, and a guest that is about to take it would give it up.
 */
export function neighbourSolicitation(own: { mac: Mac; address: Ipv6 }, address: Ipv6): Buffer {
  const target = Buffer.from(octetsOf(address))
  const source = Buffer.from(octetsOf(own.address))
  const mac = hexOf(own.mac)
  const group = Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), target.subarray(13)])
  const message = Buffer.concat([
    Buffer.from([SOLICITATION, 0, 0, 0, 0, 0, 0, 0]),
    target,
    // Source link-layer address.
    Buffer.from([1, 1]),
    mac,
  ])
  const pseudo = Buffer.from([0, 0, 0, message.length, 0, 0, 0, 58])
  message.writeUInt16BE(checksumOf(Buffer.concat([source, group, pseudo, message])), 2)
  const ethernet = Buffer.concat([
    Buffer.from([0x33, 0x33]),
    group.subarray(12),
    mac,
    Buffer.from([0x86, 0xdd]),
  ])
  const ip = Buffer.from([0x60, 0, 0, 0, 0, message.length, 58, 255])
  return Buffer.concat([ethernet, ip, source, group, message])
}

/** The hardware address of who says that it has an address: the sender of a neighbour advertisement (RFC 4861, section 4.4). */
export function advertiserIn(frame: string, address: Ipv6): Mac | undefined {
  const bytes = Buffer.from(frame, 'hex')
  const message = bytes.subarray(ETHERNET_HEADER + IPV6_HEADER)
  const isOne = message.length >= 24 && bytes.readUInt16BE(12) === 0x86dd && bytes[20] === 58
  if (!isOne || message[0] !== ADVERTISEMENT) return undefined
  if (!message.subarray(8, 24).equals(Buffer.from(octetsOf(address)))) return undefined
  return parseMac(bytes.toString('hex', 6, 12).match(/../g)?.join(':') ?? '')
}

function hexOf(mac: Mac): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

/** RFC 1071. */
function checksumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
