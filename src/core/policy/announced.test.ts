import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, isIpv4, octetsOf, type Prefix } from '../values/address.ts'
import { parsePrefix } from '../values/prefix.ts'
import { AnnouncePolicy } from './announce.ts'
import { mayLeave, networkFor } from './announced.ts'

const policy = AnnouncePolicy.parse({
  table: 100,
  networks: [
    { bridge: 'vmbr0', prefixes: ['203.0.113.0/24', '198.51.100.7/32', '2001:db8:a::/48'] },
    { bridge: 'vmbr0', tag: 5, prefixes: ['192.0.2.0/24'] },
  ],
})
const [untagged] = policy.networks

function prefix(text: string): Prefix {
  return parsePrefix(text) ?? expect.fail(text)
}

describe('a network is announced', () => {
  test.each([
    [{ bridge: 'vmbr0' }, 0],
    [{ bridge: 'vmbr0', tag: 5 }, 1],
    [{ bridge: 'vmbr0', tag: 6 }, undefined],
    [{ bridge: 'vmbr1' }, undefined],
    [{ bridge: 'vmbr1', tag: 5 }, undefined],
  ])('by exactly its bridge and VLAN: %j', (network, index) => {
    expect(networkFor(policy, network)).toBe(index === undefined ? undefined : policy.networks[index])
  })
})

describe('a prefix may leave', () => {
  test.each([
    ['203.0.113.0/24', true],
    ['203.0.113.128/25', true],
    ['203.0.113.255/32', true],
    ['203.0.112.0/23', false],
    ['203.0.114.0/32', false],
    ['0.0.0.0/0', false],
    ['198.51.100.7/32', true],
    ['198.51.100.6/32', false],
    ['2001:db8:a::/48', true],
    ['2001:db8:a:ffff::/64', true],
    ['2001:db8:a::1/128', true],
    ['2001:db8:b::1/128', false],
    ['2001:db8::/32', false],
    ['::ffff:203.0.113.1/128', false],
    ['192.0.2.1/32', false],
  ])('only within the prefixes of its network: %s %s', (text, leaves) => {
    expect(untagged && mayLeave(untagged, prefix(text))).toBe(leaves)
  })

  test('where its first bits are those of a listed prefix, and not otherwise', () => {
    const bits = (address: Address) => octetsOf(address).map(octet => octet.toString(2).padStart(8, '0'))
    const bitsOf = (text: Prefix) => {
      const [address = '', length] = text.split('/')
      return bits(address as Address)
        .join('')
        .slice(0, Number(length))
    }
    // Few different bits, so that many prefixes lie within one another.
    const anyPrefix = fc
      .record({
        ipv4: fc.boolean(),
        octet: fc.constantFrom(0, 128, 192, 255),
        length: fc.integer({ min: 1, max: 8 }),
      })
      .map(({ ipv4, octet, length }) => {
        const masked = octet & (0xff << (8 - length))
        return prefix(ipv4 ? `${masked}.0.0.0/${length}` : `${(masked << 8).toString(16)}::/${length}`)
      })
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (listed, wanted) => {
        const sameFamily = isIpv4(listed as string as Address) === isIpv4(wanted as string as Address)
        const within = sameFamily && bitsOf(wanted).startsWith(bitsOf(listed))
        expect(mayLeave({ bridge: 'vmbr0', prefixes: [listed] }, wanted)).toBe(within)
      }),
    )
  })
})
