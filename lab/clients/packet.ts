import { bytesOfAddress, bytesOfMac, macOf } from './frame.ts'

/** A DHCPv4 message: RFC 2131, section 2. */
export interface DhcpMessage {
  /** 1 from a client, 2 from a server. */
  readonly op: 1 | 2
  readonly xid: number
  readonly secs: number
  /** The client asks for answers by broadcast. */
  readonly broadcast: boolean
  readonly ciaddr: string
  readonly yiaddr: string
  readonly siaddr: string
  readonly giaddr: string
  readonly chaddr: string
  /** In the order sent. A code may repeat: long options are split (RFC 3396). */
  readonly options: readonly DhcpOption[]
}

export interface DhcpOption {
  readonly code: number
  readonly data: Buffer
}

const FIXED = 236
const COOKIE = 0x63825363
/** Some servers and relays ignore what is shorter, as BOOTP's messages were (RFC 1542, section 2.1). */
const SHORTEST = 300
const PAD = 0
const END = 255

export function encodeMessage(message: DhcpMessage): Buffer {
  const fixed = Buffer.alloc(FIXED + 4)
  fixed.writeUInt8(message.op, 0)
  fixed.writeUInt8(1, 1)
  fixed.writeUInt8(6, 2)
  fixed.writeUInt32BE(message.xid, 4)
  fixed.writeUInt16BE(message.secs, 8)
  fixed.writeUInt16BE(message.broadcast ? 0x8000 : 0, 10)
  const addresses = [message.ciaddr, message.yiaddr, message.siaddr, message.giaddr]
  for (const [index, address] of addresses.entries()) bytesOfAddress(address).copy(fixed, 12 + 4 * index)
  bytesOfMac(message.chaddr).copy(fixed, 28)
  fixed.writeUInt32BE(COOKIE, FIXED)
  const options = message.options.map(({ code, data }) =>
    Buffer.concat([Buffer.from([code, data.length]), data]),
  )
  const bytes = Buffer.concat([fixed, ...options, Buffer.from([END])])
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, SHORTEST - bytes.length))])
}

/** Reads a message; `undefined` for what is none. */
export function decodeMessage(bytes: Buffer): DhcpMessage | undefined {
  if (bytes.length < FIXED + 4 || bytes.readUInt32BE(FIXED) !== COOKIE) return undefined
  const addressAt = (offset: number) => bytes.subarray(offset, offset + 4).join('.')
  return {
    op: bytes.readUInt8(0) === 2 ? 2 : 1,
    xid: bytes.readUInt32BE(4),
    secs: bytes.readUInt16BE(8),
    broadcast: (bytes.readUInt16BE(10) & 0x8000) !== 0,
    ciaddr: addressAt(12),
    yiaddr: addressAt(16),
    siaddr: addressAt(20),
    giaddr: addressAt(24),
    chaddr: macOf(bytes.subarray(28, 34)),
    options: decodeOptions(bytes.subarray(FIXED + 4)),
  }
}

function decodeOptions(bytes: Buffer): DhcpOption[] {
  const options: DhcpOption[] = []
  let at = 0
  while (at < bytes.length && bytes[at] !== END) {
    if (bytes[at] === PAD) {
      at++
      continue
    }
    const length = bytes[at + 1] ?? 0
    options.push({ code: bytes.readUInt8(at), data: bytes.subarray(at + 2, at + 2 + length) })
    at += 2 + length
  }
  return options
}

/** All data of an option, put together where it was split; `undefined` if the message has none. */
export function optionOf(message: DhcpMessage, code: number): Buffer | undefined {
  const parts = message.options.filter(option => option.code === code)
  return parts.length === 0 ? undefined : Buffer.concat(parts.map(({ data }) => data))
}
