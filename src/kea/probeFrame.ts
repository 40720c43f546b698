import { PROBE_ADDRESS, SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import type { ProbeStep } from './probeStep.ts'

/** Who asks a Kea whether it is well: a hardware address (locally administered) and a link-local one that no guest has. */
export const PROBE = { mac: '02:67:6e:65:74:01', address: PROBE_ADDRESS } as const

const DISCOVER = 1
const REQUEST = 3

/** An offer first, then a lease: OFFER and ACK are 2 and 5 (RFC 2132, section 9.6). */
export function probeSteps4(): readonly ProbeStep[] {
  return (
    [
      ['discover', 2],
      ['request', 5],
    ] as const
  ).map(([kind, type]) => {
    const frame = frameOf(kind, SERVER_ADDRESS)
    const octets = (at: number, length: number): [number, string] => [
      at,
      frame.slice(2 * at, 2 * (at + length)),
    ]
    return {
      frame,
      // A reply, its xid and its chaddr: the message begins at 42.
      at: [[42, '02'], octets(46, 4), octets(70, 6)],
      contains: `35010${type}`,
    }
  })
}

/** A DHCP message of the probe's to a Kea, as an Ethernet frame in hexadecimal digits (RFC 2131, section 2). */
function frameOf(kind: 'discover' | 'request', server: string): string {
  const mac = Buffer.from(PROBE.mac.replaceAll(':', ''), 'hex')
  const dhcp = Buffer.alloc(300)
  dhcp.set([1, 1, 6, 0, 0x67, 0x6e, 0x65, 0x74])
  mac.copy(dhcp, 28)
  dhcp.set([99, 130, 83, 99, 53, 1, kind === 'discover' ? DISCOVER : REQUEST], 236)
  const chosen = kind === 'request' ? [50, 4, ...octets(PROBE.address), 54, 4, ...octets(server)] : []
  dhcp.set([...chosen, 255], 243)
  const udp = Buffer.alloc(8)
  for (const [index, value] of [68, 67, udp.length + dhcp.length].entries())
    udp.writeUInt16BE(value, 2 * index)
  const ip = Buffer.alloc(20)
  ip.set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17])
  ip.writeUInt16BE(ip.length + udp.length + dhcp.length, 2)
  ip.set(octets(server), 16)
  ip.writeUInt16BE(checksumOf(ip), 10)
  const ethernet = Buffer.concat([Buffer.alloc(6, 0xff), mac, Buffer.from([8, 0])])
  return Buffer.concat([ethernet, ip, udp, dhcp]).toString('hex')
}

function octets(address: string): number[] {
  return address.split('.').map(Number)
}

/** RFC 1071. */
function checksumOf(header: Buffer): number {
  let sum = 0
  for (let offset = 0; offset < header.length; offset += 2) sum += header.readUInt16BE(offset)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
