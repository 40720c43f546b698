import ipaddr from 'ipaddr.js'
import { bytesOfMac, macOf } from '../clients/frame.ts'

/** What surrounds a DHCPv6 message on Ethernet: RFC 2464 (Ethernet), 8200 (IPv6), 768 (UDP). */
export interface Udp6Frame {
  readonly sourceMac: string
  readonly destinationMac: string
  readonly sourceAddress: string
  readonly destinationAddress: string
  readonly sourcePort: number
  readonly destinationPort: number
  /** Linux's clients have 64, which is also what is taken where none is said. */
  readonly hopLimit?: number
  readonly payload: Buffer
}

const HEADERS = { ethernet: 14, ipv6: 40, udp: 8 }
const PAYLOAD = HEADERS.ethernet + HEADERS.ipv6 + HEADERS.udp

export function encodeFrame6(frame: Udp6Frame): Buffer {
  const { destinationMac, sourceMac, payload } = frame
  const ethernet = Buffer.concat([
    bytesOfMac(destinationMac),
    bytesOfMac(sourceMac),
    Buffer.from([0x86, 0xdd]),
  ])
  const addresses = Buffer.concat([bytesOf6(frame.sourceAddress), bytesOf6(frame.destinationAddress)])
  const length = HEADERS.udp + payload.length
  const ip = Buffer.alloc(8)
  ip.writeUInt8(0x60, 0)
  ip.writeUInt16BE(length, 4)
  ip.writeUInt8(17, 6)
  ip.writeUInt8(frame.hopLimit ?? 64, 7)
  const udp = Buffer.alloc(HEADERS.udp)
  udp.writeUInt16BE(frame.sourcePort, 0)
  udp.writeUInt16BE(frame.destinationPort, 2)
  udp.writeUInt16BE(length, 4)
  const pseudo = Buffer.alloc(8)
  pseudo.writeUInt32BE(length, 0)
  pseudo.writeUInt8(17, 7)
  udp.writeUInt16BE(checksum(Buffer.concat([addresses, pseudo, udp, payload])) || 0xffff, 6)
  return Buffer.concat([ethernet, ip, addresses, udp, payload])
}

/** Reads an untagged IPv6 UDP frame without extension headers; `undefined` for anything else. */
export function decodeFrame6(bytes: Buffer): Udp6Frame | undefined {
  if (bytes.length < PAYLOAD || bytes.readUInt16BE(12) !== 0x86dd || bytes.readUInt8(20) !== 17)
    return undefined
  const udp = bytes.subarray(HEADERS.ethernet + HEADERS.ipv6)
  return {
    destinationMac: macOf(bytes.subarray(0, 6)),
    sourceMac: macOf(bytes.subarray(6, 12)),
    sourceAddress: textOf6(bytes.subarray(22, 38)),
    destinationAddress: textOf6(bytes.subarray(38, 54)),
    sourcePort: udp.readUInt16BE(0),
    destinationPort: udp.readUInt16BE(2),
    payload: udp.subarray(HEADERS.udp, udp.readUInt16BE(4)),
  }
}

export function bytesOf6(address: string): Buffer {
  return Buffer.from(ipaddr.IPv6.parse(address).toByteArray())
}

export function textOf6(bytes: Buffer): string {
  return ipaddr.fromByteArray([...bytes]).toString()
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
