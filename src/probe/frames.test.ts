import { expect, test } from 'vitest'
import { decodeMessage } from '../../lab/clients/packet.ts'
import { ipv4, macOf } from '../../test/builders.ts'
import { arpProbe, holderIn } from './arpFrame.ts'
import { discoverFrame, offeredIn } from './dhcpFrame.ts'

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
