import { describe, expect, test } from 'vitest'
import { parseIpv6 } from '../../core/values/address.ts'
import { parsePrefix } from '../../core/values/prefix.ts'
import { addressOfNumber, hexOf, prefixOfRange, rangeOf } from './hex.ts'

describe('an IPv6 address is the number that nft prints of it:', () => {
  test.each(['2001:db8::5', 'fe80::1', '::1', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])(
    '%s',
    text => {
      const address = parseIpv6(text)
      expect(address && addressOfNumber(hexOf(address))).toBe(text)
    },
  )

  test('also where it prints it in decimal', () => expect(addressOfNumber(5)).toBe('::5'))
})

test.each(['2001:db8::/32', '2001:db8:a:b::/64', '8000::/1', '2001:db8::2/127'])(
  '%s is the range from its first address to its last',
  text => {
    const prefix = parsePrefix(text)
    expect(prefixOfRange(...rangeOf(prefix as Parameters<typeof rangeOf>[0]))).toBe(text)
  },
)

test('a range that is no prefix is none', () => {
  expect(
    prefixOfRange('0x20010db8000000000000000000000000', '0x20010db8000000000000000000000002'),
  ).toBeUndefined()
})

test.each([1.5, -1, 2 ** 60, 'abc', '0x', `0x${'f'.repeat(33)}`, null, {}])('%j is no address', printed =>
  expect(addressOfNumber(printed)).toBeUndefined(),
)
