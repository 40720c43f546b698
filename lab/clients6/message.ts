/** A DHCPv6 message as clients and servers exchange it: RFC 8415, section 8. */
export interface Dhcp6Message {
  readonly type: number
  /** 24 bits. */
  readonly xid: number
  readonly options: readonly Dhcp6Option[]
}

export interface Dhcp6Option {
  readonly code: number
  readonly data: Buffer
}

export function encode6({ type, xid, options }: Dhcp6Message): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(type * 0x100_0000 + xid)
  return Buffer.concat([head, encodeOptions(options)])
}

/** Reads a message; `undefined` for what is none. */
export function decode6(bytes: Buffer): Dhcp6Message | undefined {
  if (bytes.length < 4) return undefined
  const head = bytes.readUInt32BE(0)
  return { type: head >>> 24, xid: head & 0xff_ffff, options: decodeOptions(bytes.subarray(4)) }
}

export function option6(code: number, data: Buffer | readonly number[] = []): Dhcp6Option {
  return { code, data: Buffer.from(data) }
}

/** IA_NA (section 21.4), with the addresses that it is to hold. */
export function ia(iaid: number, ...addresses: readonly Buffer[]): Dhcp6Option {
  const head = Buffer.alloc(12)
  head.writeUInt32BE(iaid)
  const held = addresses.map(address => option6(5, Buffer.concat([address, Buffer.alloc(8)])))
  return option6(3, Buffer.concat([head, encodeOptions(held)]))
}

export function optionIn(options: readonly Dhcp6Option[], code: number): Buffer | undefined {
  return options.find(option => option.code === code)?.data
}

/** What is within an option of its own options, from that octet on. */
export function optionsWithin(data: Buffer | undefined, from: number): Dhcp6Option[] {
  return data ? decodeOptions(data.subarray(from)) : []
}

function encodeOptions(options: readonly Dhcp6Option[]): Buffer {
  return Buffer.concat(
    options.map(({ code, data }) => {
      const head = Buffer.alloc(4)
      head.writeUInt16BE(code, 0)
      head.writeUInt16BE(data.length, 2)
      return Buffer.concat([head, data])
    }),
  )
}

function decodeOptions(bytes: Buffer): Dhcp6Option[] {
  const options: Dhcp6Option[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2)
    options.push({ code: bytes.readUInt16BE(at), data: bytes.subarray(at + 4, at + 4 + length) })
    at += 4 + length
  }
  return options
}
