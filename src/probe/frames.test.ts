import { describe, expect, test } from 'vitest'
import { checksum } from '../../lab/clients/frame.ts'
import { decodeMessage } from '../../lab/clients/packet.ts'
import { ipv4, ipv6, macOf } from '../../test/builders.ts'
import { octetsOf } from '../core/values/address.ts'
import { arpProbe, holderIn } from './arpFrame.ts'
import { broadcastDiscoverFrame, discoverFrame, offeredIn } from './dhcpFrame.ts'
import { echoRequest } from './echoFrame.ts'
import { icmp6In } from './icmp6Frame.ts'
import { neighbourIn, neighbourSolicitation, routerSolicitation } from './ndpFrame.ts'

const MAC = macOf('52:54:00:00:00:64')
const XID = 0x1234abcd

test('a DISCOVER in the guest’s name is one to whoever reads it', () => {
  const bytes = Buffer.from(discoverFrame(MAC, XID), 'hex')
  expect(decodeMessage(bytes.subarray(42))).toMatchObject({ op: 1, xid: XID, chaddr: MAC, giaddr: '0.0.0.0' })
  expect([...bytes.subarray(30, 34)].join('.')).toBe('169.254.67.1')
  const words = bytes.subarray(14, 34).toString('hex').match(/.{4}/g) ?? []
  const sum = words.reduce((total, word) => total + Number.parseInt(word, 16), 0)
  expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff)
})

test('a DISCOVER to everybody wants its answer broadcast', () => {
  const bytes = Buffer.from(broadcastDiscoverFrame(MAC, XID), 'hex')
  expect(decodeMessage(bytes.subarray(42))).toMatchObject({ op: 1, xid: XID, chaddr: MAC })
  expect(bytes.readUInt16BE(52)).toBe(0x8000)
  expect([...bytes.subarray(30, 34)].join('.')).toBe('255.255.255.255')
  expect(checksum([bytes.subarray(14, 34)])).toBe(0)
})

/** Kea's answer, made of the question. */
function answer(type: string, xid = XID): string {
  const bytes = Buffer.from(discoverFrame(MAC, xid), 'hex')
  bytes.writeUInt16BE(67, 34)
  bytes.writeUInt8(2, 42)
  bytes.set([192, 0, 2, 100], 58)
  return bytes.toString('hex').replace('350101', `3501${type}`)
}

test('only an OFFER to this question counts', () => {
  expect(offeredIn(answer('02'), MAC, XID)).toBe('192.0.2.100')
  expect(offeredIn(answer('05'), MAC, XID)).toBeUndefined()
  expect(offeredIn(answer('02', 1), MAC, XID)).toBeUndefined()
  expect(offeredIn(answer('02'), macOf('52:54:00:00:00:65'), XID)).toBeUndefined()
  expect(offeredIn(discoverFrame(MAC, XID), MAC, XID)).toBeUndefined()
  expect(offeredIn('ffff', MAC, XID)).toBeUndefined()
})

test('a probe claims no address, and its answers tell who has it', () => {
  const address = ipv4('192.0.2.100')
  const probe = arpProbe(macOf('da:f0:f1:08:55:c4'), address)
  expect(probe).toHaveLength(120)
  expect(probe.slice(56, 64)).toBe('00000000')
  expect(holderIn(probe, address)).toBeUndefined()
  const reply = `daf0f10855c45254000000640806000108000604000252540000006${'4'}c0000264daf0f10855c400000000`
  expect(holderIn(reply, address)).toBe(MAC)
  expect(holderIn(reply, ipv4('192.0.2.101'))).toBeUndefined()
})

const OWN = { mac: macOf('da:f0:f1:08:55:c4'), address: ipv6('fe80::1') }

/** Of pseudo-header and message (RFC 4443, section 2.3). */
function sumOf(frame: Buffer): number {
  const pseudo = Buffer.from([0, 0, 0, frame.length - 54, 0, 0, 0, 58])
  return checksum([frame.subarray(22, 38), frame.subarray(38, 54), pseudo, frame.subarray(54)])
}

test.each([
  [
    'a neighbour solicitation',
    neighbourSolicitation(OWN, ipv6('2001:db8::ab:cdef')),
    'ff02::1:ffab:cdef',
    135,
  ],
  ['a router solicitation', routerSolicitation(OWN), 'ff02::2', 133],
  ['an echo request', echoRequest(OWN, ipv6('ff02::2'), 7), 'ff02::2', 128],
])(
  '%s goes to its group, by both addresses of its sender, with a right checksum',
  (_, frame, group, type) => {
    const octets = octetsOf(ipv6(group))
    expect([...frame.subarray(38, 54)]).toEqual(octets)
    expect([...frame.subarray(0, 6)]).toEqual([0x33, 0x33, ...octets.slice(12)])
    expect(icmp6In(frame.toString('hex'))).toMatchObject({
      mac: OWN.mac,
      from: 'fe80::1',
      type,
      isFromHere: true,
    })
    expect(sumOf(frame)).toBe(0)
  },
)

describe('who has an address', () => {
  const address = ipv6('2001:db8::1')
  /** A neighbour advertisement, made of the question. */
  function answer({ flags = 0x60, hops = 255, type = 136 } = {}): string {
    const bytes = neighbourSolicitation(OWN, address)
    bytes.set([type], 54)
    bytes.set([flags], 58)
    bytes.set([hops], 21)
    return bytes.toString('hex')
  }

  test('is told by a neighbour advertisement, and whether it is a router', () => {
    expect(neighbourIn(answer(), address)).toEqual({ mac: OWN.mac, isRouter: false })
    expect(neighbourIn(answer({ flags: 0xe0 }), address)).toEqual({ mac: OWN.mac, isRouter: true })
  })

  test.each([
    ['by a question', answer({ type: 135 })],
    ['from beyond this link', answer({ hops: 64 })],
    ['by something too short', answer().slice(0, 80)],
    ['by nothing', ''],
  ])('is not told %s', (_, frame) => expect(neighbourIn(frame, address)).toBeUndefined())

  test('is not told of another address', () =>
    expect(neighbourIn(answer(), ipv6('2001:db8::2'))).toBeUndefined())
})
