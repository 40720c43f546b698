import { describe, expect, test } from 'vitest'
import {
  addressOf4,
  addressOf6,
  contains4,
  isIpv4,
  isLoopback,
  lengthOf,
  octetsOf,
  parseAddress,
  parseCidr4,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  prefixOf4,
} from './address.ts'

/** For what a test knows to be there. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the address of this test is not one')
  return value
}

describe('IPv4', () => {
  test.each(['192.0.2.5', '0.0.0.0', '255.255.255.255'])('%s is an address', text =>
    expect(parseIpv4(text)).toBe(text),
  )

  test.each([
    '192.0.2.05',
    '192.0.2.256',
    '192.0.2',
    '192.0.2.5.6',
    ' 192.0.2.5',
    '192.0.2.5\n',
    '0x1.2.3.4',
    '',
  ])('%j is none', text => expect(parseIpv4(text)).toBeUndefined())
})

describe('IPv6', () => {
  test.each([
    ['2001:DB8:0:0:0:0:0:5', '2001:db8::5'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ])('%s is written as RFC 5952 wants it: %s', (text, canonical) => expect(parseIpv6(text)).toBe(canonical))

  test.each([
    ['::ffff:192.0.2.5', '::ffff:192.0.2.5'],
    ['::FFFF:c000:0205', '::ffff:192.0.2.5'],
    ['::192.0.2.5', '::c000:205'],
    ['64:ff9b::192.0.2.5', '64:ff9b::c000:205'],
  ])('%s: only a mapped address keeps its IPv4 half: %s', (text, canonical) =>
    expect(parseIpv6(text)).toBe(canonical),
  )

  test.each([
    'fe80::1%eth0',
    '12345::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '::192.0.2.05',
    '[::1]',
    '192.0.2.5',
    ' ::1',
    '',
  ])('%j is none', text => expect(parseIpv6(text)).toBeUndefined())
})

test('an address of either family knows its own', () => {
  expect(isIpv4(known(parseAddress('192.0.2.5')))).toBe(true)
  expect(isIpv4(known(parseAddress('::ffff:192.0.2.5')))).toBe(false)
  expect(parseAddress('example.com')).toBeUndefined()
})

test.each([
  ['192.0.2.5/24', '192.0.2.5/24'],
  ['192.0.2.5/024', '192.0.2.5/24'],
  ['0.0.0.0/0', '0.0.0.0/0'],
])('an IPv4 address with a length keeps its host bits: %s', (text, cidr) =>
  expect(parseCidr4(text)).toBe(cidr),
)

test.each(['192.0.2.5', '192.0.2.5/33', '192.0.2.5/', '192.0.2.5/+24', '192.0.2.5/24/24', '::1/24'])(
  '%j is no IPv4 address with a length',
  text => expect(parseCidr4(text)).toBeUndefined(),
)

test.each([
  ['2001:DB8::5/64', '2001:db8::5/64'],
  ['::ffff:192.0.2.5/96', '::ffff:192.0.2.5/96'],
  ['::/129', undefined],
  ['fe80::1%eth0/64', undefined],
])('an IPv6 address with a length keeps its host bits: %s', (text, cidr) =>
  expect(parseCidr6(text)).toBe(cidr),
)

test('an address with a length comes apart', () => {
  expect(addressOf4(known(parseCidr4('192.0.2.5/24')))).toBe('192.0.2.5')
  expect(addressOf6(known(parseCidr6('2001:db8::5/64')))).toBe('2001:db8::5')
  expect(lengthOf(known(parseCidr6('2001:db8::5/64')))).toBe(64)
})

test('a network holds its addresses, and no others', () => {
  const prefix = prefixOf4(known(parseCidr4('192.0.2.77/26')))
  expect(prefix).toBe('192.0.2.64/26')
  expect(contains4(prefix, known(parseIpv4('192.0.2.127')))).toBe(true)
  expect(contains4(prefix, known(parseIpv4('192.0.2.128')))).toBe(false)
})

test('an address has its octets in network order', () => {
  expect(octetsOf(known(parseIpv4('192.0.2.5')))).toEqual([192, 0, 2, 5])
  expect(octetsOf(known(parseIpv6('::ffff:192.0.2.5'))).slice(8)).toEqual([0, 0, 255, 255, 192, 0, 2, 5])
})

test.each([
  ['127.0.0.53', true],
  ['::1', true],
  ['192.0.2.5', false],
  ['2001:db8::1', false],
])('loopback is what only the host itself can use: %s', (text, loopback) =>
  expect(isLoopback(known(parseAddress(text)))).toBe(loopback),
)
