import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from './frame.ts'
import { leaseOf, lengthOfMask, namesIn, routesIn } from './lease.ts'
import { type DhcpMessage, decodeMessage, encodeMessage, optionOf } from './packet.ts'

const MESSAGE: DhcpMessage = {
  op: 2,
  xid: 0xfeedbeef,
  secs: 3,
  broadcast: true,
  ciaddr: '0.0.0.0',
  yiaddr: '192.0.2.5',
  siaddr: '192.0.2.9',
  giaddr: '0.0.0.0',
  chaddr: '52:54:00:9e:cc:1e',
  options: [
    { code: 53, data: Buffer.from([5]) },
    { code: 1, data: Buffer.from([255, 255, 255, 128]) },
    { code: 3, data: Buffer.from([192, 0, 2, 1]) },
    { code: 6, data: Buffer.from([198, 51, 100, 53, 198, 51, 100, 54]) },
    { code: 26, data: Buffer.from([5, 120]) },
    { code: 51, data: Buffer.from([0, 0, 14, 16]) },
    { code: 54, data: Buffer.from([192, 0, 2, 1]) },
  ],
}

test('a message survives being encoded and decoded', () => {
  expect(decodeMessage(encodeMessage(MESSAGE))).toEqual(MESSAGE)
})

test('what is no DHCP message is not decoded', () => {
  expect(decodeMessage(Buffer.alloc(300))).toBeUndefined()
  expect(decodeMessage(Buffer.alloc(10))).toBeUndefined()
})

test('a split option is put together', () => {
  const options = [
    { code: 119, data: Buffer.from('ab') },
    { code: 119, data: Buffer.from('cd') },
  ]
  expect(optionOf({ ...MESSAGE, options }, 119)?.toString()).toBe('abcd')
})

test('a lease says what the options say', () => {
  expect(leaseOf(MESSAGE)).toEqual({
    address: '192.0.2.5',
    prefixLength: 25,
    routers: ['192.0.2.1'],
    serverIdentifier: '192.0.2.1',
    dns: ['198.51.100.53', '198.51.100.54'],
    search: [],
    hostname: undefined,
    mtu: 1400,
    classlessRoutes: [],
    leaseTime: 3600,
  })
})

test('classless routes have prefixes of any length', () => {
  expect(routesIn(Buffer.from('20ac1f01010000000000ac1f0101180a0b0cac1f0102', 'hex'))).toEqual([
    { destination: '172.31.1.1/32', gateway: '0.0.0.0' },
    { destination: '0.0.0.0/0', gateway: '172.31.1.1' },
    { destination: '10.11.12.0/24', gateway: '172.31.1.2' },
  ])
})

test('search names may point back at earlier ones', () => {
  const data = Buffer.from('03656e67056170706c6503636f6d00096d61726b6574696e67c004', 'hex')
  expect(namesIn(data)).toEqual(['eng.apple.com', 'marketing.apple.com'])
})

test.each([
  ['0.0.0.0', 0],
  ['255.255.255.0', 24],
  ['255.255.255.255', 32],
])('mask %s is /%i', (mask, length) => {
  expect(lengthOfMask(mask)).toBe(length)
})

test('a frame survives being encoded and decoded', () => {
  const frame = {
    sourceMac: '52:54:00:9e:cc:1e',
    destinationMac: 'ff:ff:ff:ff:ff:ff',
    sourceAddress: '0.0.0.0',
    destinationAddress: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    payload: Buffer.from('odd'),
  }
  expect(decodeFrame(encodeFrame(frame))).toEqual(frame)
  expect(decodeFrame(encodeFrame({ ...frame, vlan: 5 }))).toBeUndefined()
})
