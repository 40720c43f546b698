import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import { type Ipv4, parseIpv4 } from '../core/values/address.ts'
import type { Mac } from '../core/values/mac.ts'

/** Where things are in an untagged frame with IPv4 without options, UDP and a DHCP message (RFC 2131, section 2). */
const AT = { etherType: 12, protocol: 23, sourcePort: 34, message: 42, yiaddr: 58, chaddr: 70, options: 282 }

const COOKIE = '63825363'
const OFFER = 2

/**
 * A DISCOVER in a guest's name, as it comes to Kea from the guest's port: with Kea's address as its destination. It asks and
 * takes nothing: Kea keeps no lease of it, and what is answered to it bears its own `xid`, which the guest did not choose.
 */
export function discoverFrame(mac: Mac, xid: number): string {
  return discover(mac, xid, SERVER_ADDRESS, '0000')
}

/** A DISCOVER to whoever serves a link, with the answer to be broadcast (RFC 2131, section 4.1). A server keeps an address for it, for seconds. */
export function broadcastDiscoverFrame(mac: Mac, xid: number): string {
  return discover(mac, xid, '255.255.255.255', '8000')
}

function discover(mac: Mac, xid: number, destination: string, flags: string): string {
  const chaddr = mac.replaceAll(':', '')
  const message = [
    '01010600',
    hex(xid, 8),
    // secs
    '0000',
    flags,
    // ciaddr, yiaddr, siaddr, giaddr
    '0'.repeat(4 * 8),
    chaddr.padEnd(32, '0'),
    // sname and file
    '0'.repeat(384),
    COOKIE,
    // DISCOVER, and what it would like to be told: mask, router, name servers
    '350101',
    '3703010306',
    'ff',
  ].join('')
  // Some servers ignore what is shorter than a message of BOOTP (RFC 1542, section 2.1).
  const padded = message.padEnd(600, '0')
  const length = padded.length / 2
  const udp = [68, 67, 8 + length, 0].map(field => hex(field, 4))
  return ['f'.repeat(12), chaddr, '0800', ipHeader(destination, 8 + length), ...udp, padded].join('')
}

function ipHeader(destination: string, payload: number): string {
  const octets = destination
    .split('.')
    .map(octet => hex(Number(octet), 2))
    .join('')
  const head = (sum: string) => `4510${hex(20 + payload, 4)}000000004011${sum}00000000${octets}`
  return head(hex(checksumOf(head('0000')), 4))
}

/** RFC 1071. */
function checksumOf(header: string): number {
  let sum = 0
  for (const word of header.match(/.{4}/g) ?? []) sum += Number.parseInt(word, 16)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return 0xffff - sum
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** What an OFFER to a hardware address says, if the frame is one with this `xid`. */
export function offeredIn(frame: string, mac: Mac, xid: number): Ipv4 | undefined {
  const bytes = Buffer.from(frame, 'hex')
  if (bytes.length < AT.options) return undefined
  const isDhcp =
    bytes.readUInt16BE(AT.etherType) === 0x0800 &&
    bytes[AT.protocol] === 17 &&
    bytes.readUInt16BE(AT.sourcePort) === 67
  if (!isDhcp || bytes[AT.message] !== 2 || bytes.readUInt32BE(AT.message + 4) !== xid) return undefined
  if (bytes.toString('hex', AT.chaddr, AT.chaddr + 6) !== mac.replaceAll(':', '')) return undefined
  if (messageTypeOf(bytes.subarray(AT.options)) !== OFFER) return undefined
  return parseIpv4([...bytes.subarray(AT.yiaddr, AT.yiaddr + 4)].join('.'))
}

/** Option 53 (RFC 2132, section 9.6). */
function messageTypeOf(options: Buffer): number | undefined {
  for (let at = 0; at < options.length && options[at] !== 255; ) {
    if (options[at] === 53) return options[at + 2]
    at += options[at] === 0 ? 1 : 2 + (options[at + 1] ?? 0)
  }
  return undefined
}
