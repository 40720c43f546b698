import { type Ipv6, octetsOf, parseIpv6 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Client6 } from './client6.ts'
import { SERVERS_ADDRESS6 } from './slot.ts'

/** A SOLICIT to a Kea, as it comes from a port. */
export interface Solicit {
  /** In the Ethernet header. */
  readonly mac: Mac
  /** What the NIC is known by. */
  readonly address: Ipv6
  /** 24 bits. */
  readonly xid: number
  readonly client: Client6
  /** To be given the address at once; else it is only offered one. */
  readonly rapidCommit: boolean
}

const SOLICIT = 1
const ADVERTISE = 2
const REPLY = 7
const OPTION = { client: 1, ia: 3, address: 5, elapsed: 8, rapidCommit: 14 }
/** Ethernet, IPv6 and UDP, without any extension. */
const HEADERS = 14 + 40 + 8
const CLIENT_PORT = 546
const SERVER_PORT = 547

/** As an Ethernet frame in hexadecimal digits (RFC 8415, section 8). */
export function solicitFrame({ mac, address, xid, client, rapidCommit }: Solicit): string {
  const { duid, iaid } = client
  const identity = Buffer.alloc(12)
  identity.writeUInt32BE(iaid)
  const message = Buffer.concat([
    typeAndXid(SOLICIT, xid),
    option(OPTION.client, Buffer.from(duid.replaceAll(':', ''), 'hex')),
    option(OPTION.ia, identity),
    option(OPTION.elapsed, Buffer.alloc(2)),
    ...(rapidCommit ? [option(OPTION.rapidCommit, Buffer.alloc(0))] : []),
  ])
  const addresses = Buffer.from([...octetsOf(address), ...octetsOf(SERVERS_ADDRESS6)])
  const length = 8 + message.length
  const udp = words(CLIENT_PORT, SERVER_PORT, length, 0)
  udp.writeUInt16BE(checksumOf(Buffer.concat([addresses, words(0, length, 0, 17), udp, message])), 6)
  const ethernet = Buffer.from(`333300010002${mac.replaceAll(':', '')}86dd`, 'hex')
  const ip = Buffer.concat([Buffer.from([0x60, 0, 0, 0]), words(length), Buffer.from([17, 1]), addresses])
  return Buffer.concat([ethernet, ip, udp, message]).toString('hex')
}

/** How the answer to such a message begins, and where in its frame: in hexadecimal digits and octets. */
export function answerTo({
  xid,
  rapidCommit,
}: Pick<Solicit, 'xid' | 'rapidCommit'>): [at: number, hex: string] {
  return [HEADERS, typeAndXid(rapidCommit ? REPLY : ADVERTISE, xid).toString('hex')]
}

/** Whether a frame in hexadecimal digits has an address in it as DHCPv6 gives one (RFC 8415, section 21.6). */
export function addressOption(address: Ipv6): string {
  const head = words(OPTION.address, 24).toString('hex')
  return `${head}${Buffer.from(octetsOf(address)).toString('hex')}`
}

/** The address that an answer gives; `undefined`: none. */
export function offeredAddress(frame: string): Ipv6 | undefined {
  const bytes = Buffer.from(frame, 'hex')
  const identity = within(bytes.subarray(HEADERS + 4), OPTION.ia)
  const address = identity && within(identity.subarray(12), OPTION.address)
  const groups = address?.toString('hex', 0, 16).match(/.{4}/g) ?? []
  return parseIpv6(groups.join(':'))
}

/** The data of the first option of that code. */
function within(options: Buffer, code: number): Buffer | undefined {
  for (let at = 0; at + 4 <= options.length; at += 4 + options.readUInt16BE(at + 2))
    if (options.readUInt16BE(at) === code)
      return options.subarray(at + 4, at + 4 + options.readUInt16BE(at + 2))
  return undefined
}

function typeAndXid(type: number, xid: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(type * 0x100_0000 + xid)
  return bytes
}

function option(code: number, data: Buffer): Buffer {
  return Buffer.concat([words(code, data.length), data])
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index)
  return bytes
}

/** RFC 1071; 0 would mean that there is none (RFC 8200, section 8.1). */
function checksumOf(bytes: Buffer): number {
  const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
  let sum = 0
  for (let at = 0; at < even.length; at += 2) sum += even.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff || 0xffff
}
