/** What surrounds a DHCP message on Ethernet: RFC 894 (Ethernet), 791 (IPv4), 768 (UDP). */
export interface UdpFrame {
  readonly sourceMac: string
  readonly destinationMac: string
  readonly sourceAddress: string
  readonly destinationAddress: string
  readonly sourcePort: number
  readonly destinationPort: number
  /** 802.1Q tag, 1 to 4094; absent: untagged. */
  readonly vlan?: number
  readonly payload: Buffer
}

const ETHERNET = 14
const IPV4 = 20
const UDP = 8

export function encodeFrame(frame: UdpFrame): Buffer {
  return Buffer.concat([encodeEthernet(frame), encodeIpv4(frame), encodeUdp(frame), frame.payload])
}

/** Reads an untagged IPv4 UDP frame; `undefined` for anything else. */
export function decodeFrame(bytes: Buffer): UdpFrame | undefined {
  if (bytes.length < ETHERNET + IPV4 + UDP || bytes.readUInt16BE(12) !== 0x0800) return undefined
  const ip = bytes.subarray(ETHERNET)
  const headerLength = (ip.readUInt8(0) & 15) * 4
  if (ip.readUInt8(9) !== 17 || ip.length < headerLength + UDP) return undefined
  const udp = ip.subarray(headerLength)
  return {
    destinationMac: macOf(bytes.subarray(0, 6)),
    sourceMac: macOf(bytes.subarray(6, 12)),
    sourceAddress: ip.subarray(12, 16).join('.'),
    destinationAddress: ip.subarray(16, 20).join('.'),
    sourcePort: udp.readUInt16BE(0),
    destinationPort: udp.readUInt16BE(2),
    payload: udp.subarray(UDP, udp.readUInt16BE(4)),
  }
}

export function bytesOfMac(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex')
}

export function macOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':')
}

export function bytesOfAddress(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function encodeEthernet({ destinationMac, sourceMac, vlan }: UdpFrame): Buffer {
  const tag = Buffer.alloc(vlan === undefined ? 2 : 6)
  if (vlan !== undefined) tag.writeUInt32BE(0x8100_0000 + vlan, 0)
  tag.writeUInt16BE(0x0800, tag.length - 2)
  return Buffer.concat([bytesOfMac(destinationMac), bytesOfMac(sourceMac), tag])
}

function encodeIpv4({ sourceAddress, destinationAddress, payload }: UdpFrame): Buffer {
  const header = Buffer.alloc(IPV4)
  header.writeUInt8(0x45, 0)
  header.writeUInt16BE(IPV4 + UDP + payload.length, 2)
  header.writeUInt8(64, 8)
  header.writeUInt8(17, 9)
  bytesOfAddress(sourceAddress).copy(header, 12)
  bytesOfAddress(destinationAddress).copy(header, 16)
  header.writeUInt16BE(checksum([header]), 10)
  return header
}

function encodeUdp(frame: UdpFrame): Buffer {
  const length = UDP + frame.payload.length
  const header = Buffer.alloc(UDP)
  header.writeUInt16BE(frame.sourcePort, 0)
  header.writeUInt16BE(frame.destinationPort, 2)
  header.writeUInt16BE(length, 4)
  const pseudo = Buffer.from([0, 17, length >> 8, length & 255])
  const addresses = [bytesOfAddress(frame.sourceAddress), bytesOfAddress(frame.destinationAddress)]
  // 0 would mean "no checksum"; its one's complement twin is sent instead.
  header.writeUInt16BE(checksum([...addresses, pseudo, header, frame.payload]) || 0xffff, 6)
  return header
}

/** The Internet checksum (RFC 1071); only the last part may have an odd length. */
export function checksum(parts: readonly Buffer[]): number {
  const bytes = Buffer.concat(parts)
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
