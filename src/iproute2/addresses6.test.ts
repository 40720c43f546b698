import { expect, test } from 'vitest'
import { parseAddresses6 } from './addresses6.ts'

test('addresses are read by link, in their canonical form', () => {
  const text = `fd000000000000000000000000000002 04 40 00 82     eth0
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 04 40 20 80     eth0
`
  expect(parseAddresses6(text)).toEqual(
    new Map([
      ['eth0', ['fd00::2', 'fe80::fc:ff:fe00:1']],
      ['lo', ['::1']],
    ]),
  )
})

test.each(['', 'nonsense', 'fe80 04 40 20 80 eth0'])('what is no such line tells of none: %j', text =>
  expect(parseAddresses6(text)).toEqual(new Map()),
)
