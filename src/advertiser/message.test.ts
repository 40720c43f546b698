import { describe, expect, test } from 'vitest'
import { advertisement, ipv6 } from '../../test/builders.ts'
import { messageOf } from './message.ts'

const hex = (given: Parameters<typeof advertisement>[1]) =>
  messageOf(advertisement(100, given)).toString('hex')

/** Blanks are there for those who read them. */
const octets = (...parts: string[]) => parts.join('').replaceAll(' ', '')

describe('a router advertisement, octet by octet,', () => {
  test('with everything in it', () => {
    const search = ['lab.example', 'example']
    expect(hex({ dns: [ipv6('2001:db8::53')], search, mtu: 1400 })).toBe(
      octets(
        '86 00 0000 40 c0 2328 00000000 00000000',
        '05 01 0000 00000578',
        '03 04 40 80 00002328 00002328 00000000 20010db8000000000000000000000000',
        '19 03 0000 00002328 20010db8000000000000000000000053',
        '1f 04 0000 00002328 036c6162 076578616d706c65 00 076578616d706c65 00 0000',
      ),
    )
  })

  test('without a router has a router lifetime of 0, and still sends to DHCPv6', () => {
    const { router: _, onLink: __, ...bare } = advertisement(100)
    expect(messageOf(bare).toString('hex')).toBe(
      octets('86 00 0000 40 c0 0000 00000000 00000000', '05 01 0000 000005dc'),
    )
  })
})
