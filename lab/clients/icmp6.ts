import { octetsOf, parseIpv6 } from '../../src/core/values/address.ts'
import { bytesOfMac, checksum } from './frame.ts'

/** A message of neighbour discovery (RFC 4861), which is believed with 255 hops left only. */
export interface Icmp6Frame {
  readonly sourceMac: string
  readonly sourceAddress: string
  /** Its type, code, and a checksum of zero first. */
  readonly message: readonly number[]
}

const ALL_NODES = 'ff02::1'
const ALL_ROUTERS = 'ff02::2'

/** A router solicitation to all routers, with such options. */
export function solicitation(
  sourceMac: string,
  sourceAddress: string,
  options: readonly number[] = [],
): Buffer {
  return encode({ sourceMac, sourceAddress, message: [133, 0, 0, 0, 0, 0, 0, 0, ...options] }, ALL_ROUTERS)
}

/** A router's own advertisement to all nodes, with neither M nor O, nor any option. */
export function unmanagedAdvertisement(sourceMac: string, sourceAddress: string): Buffer {
  const [hops, flags, lifetime] = [64, 0, [7, 8]]
  const message = [134, 0, 0, 0, hops, flags, ...lifetime, 0, 0, 0, 0, 0, 0, 0, 0]
  return encode({ sourceMac, sourceAddress, message }, ALL_NODES)
}

function encode({ sourceMac, sourceAddress, message }: Icmp6Frame, destination: string): Buffer {
  const [from, to] = [octets(sourceAddress), octets(destination)]
  const payload = Buffer.from(message)
  const pseudo = Buffer.from([0, 0, 0, payload.length, 0, 0, 0, 58])
  payload.writeUInt16BE(checksum([from, to, pseudo, payload]), 2)
  const header = Buffer.from([0x60, 0, 0, 0, 0, payload.length, 58, 255])
  const multicast = Buffer.concat([Buffer.from([0x33, 0x33]), to.subarray(12)])
  return Buffer.concat([
    multicast,
    bytesOfMac(sourceMac),
    Buffer.from([0x86, 0xdd]),
    header,
    from,
    to,
    payload,
  ])
}

function octets(address: string): Buffer {
  const parsed = parseIpv6(address)
  if (parsed === undefined) throw new Error(`not an IPv6 address: ${address}`)
  return Buffer.from(octetsOf(parsed))
}
