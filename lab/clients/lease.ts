import { type DhcpMessage, optionOf } from './packet.ts'

/** What a client was told, the same whatever client it is. */
export interface Lease {
  readonly address: string
  readonly prefixLength: number
  readonly routers: readonly string[]
  readonly serverIdentifier: string | undefined
  readonly dns: readonly string[]
  readonly search: readonly string[]
  readonly hostname: string | undefined
  readonly mtu: number | undefined
  readonly classlessRoutes: readonly ClasslessRoute[]
  /** Seconds. */
  readonly leaseTime: number | undefined
}

export interface ClasslessRoute {
  readonly destination: string
  /** 0.0.0.0: on the link. */
  readonly gateway: string
}

/** What an OFFER or ACK tells: options of RFC 2132, 3397 and 3442. */
export function leaseOf(message: DhcpMessage): Lease {
  const option = (code: number) => optionOf(message, code)
  return {
    address: message.yiaddr,
    prefixLength: lengthOfMask(addressesIn(option(1))[0] ?? '255.255.255.255'),
    routers: addressesIn(option(3)),
    serverIdentifier: addressesIn(option(54))[0],
    dns: addressesIn(option(6)),
    search: namesIn(option(119) ?? Buffer.alloc(0)),
    hostname: option(12)?.toString('latin1'),
    mtu: option(26)?.readUInt16BE(0),
    classlessRoutes: routesIn(option(121) ?? Buffer.alloc(0)),
    leaseTime: option(51)?.readUInt32BE(0),
  }
}

/** 255.255.255.0 is 24. */
export function lengthOfMask(mask: string): number {
  const bits = mask.split('.').map(octet => Number(octet).toString(2).padStart(8, '0'))
  return bits.join('').replaceAll('0', '').length
}

function addressesIn(data: Buffer = Buffer.alloc(0)): string[] {
  const addresses: string[] = []
  for (let at = 0; at + 4 <= data.length; at += 4) addresses.push(data.subarray(at, at + 4).join('.'))
  return addresses
}

/** RFC 3442: a prefix length, as few octets of the prefix as it needs, a router; and again. */
export function routesIn(data: Buffer): ClasslessRoute[] {
  const routes: ClasslessRoute[] = []
  let at = 0
  while (at < data.length) {
    const length = data.readUInt8(at)
    const octets = Math.ceil(length / 8)
    const prefix = [...data.subarray(at + 1, at + 1 + octets), 0, 0, 0, 0].slice(0, 4)
    const gateway = data.subarray(at + 1 + octets, at + 5 + octets)
    routes.push({ destination: `${prefix.join('.')}/${length}`, gateway: gateway.join('.') })
    at += 5 + octets
  }
  return routes
}

/** RFC 3397: names as DNS writes them, with pointers (RFC 1035, section 4.1.4) into this very option. */
export function namesIn(data: Buffer): string[] {
  const names: string[] = []
  let at = 0
  while (at < data.length) {
    const { labels, next } = labelsAt(data, at)
    names.push(labels.join('.'))
    at = next
  }
  return names
}

function labelsAt(data: Buffer, start: number): { labels: string[]; next: number } {
  const labels: string[] = []
  let at = start
  while (at < data.length) {
    const length = data.readUInt8(at)
    if (length === 0) return { labels, next: at + 1 }
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (data[at + 1] ?? 0)
      // Only backwards, so that a malformed option cannot go round in circles.
      const tail = target < start ? labelsAt(data, target).labels : []
      return { labels: [...labels, ...tail], next: at + 2 }
    }
    labels.push(data.subarray(at + 1, at + 1 + length).toString('latin1'))
    at += 1 + length
  }
  return { labels, next: at }
}
