import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Prefix } from './address.ts'
import { overlaps, parsePrefix } from './prefix.ts'
import { PrefixIndex } from './prefixIndex.ts'

const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text)
  if (!parsed) throw new Error(text)
  return parsed
}
const always = () => true

describe('of networks', () => {
  const index = new PrefixIndex([
    [prefix('192.0.2.0/24'), 'wide'],
    [prefix('198.51.100.7/32'), 'host'],
    [prefix('2001:db8::/48'), 'six'],
  ])

  test.each([
    ['192.0.2.128/25', 'wide'],
    ['192.0.2.0/24', 'wide'],
    ['192.0.0.0/16', 'wide'],
    ['198.51.100.0/24', 'host'],
    ['198.51.100.8/32', undefined],
    ['2001:db8:0:7::/64', 'six'],
    ['2001:db8:1::/48', undefined],
    ['0.0.0.0/0', 'wide'],
  ])('%s overlaps %s', (text, found) => expect(index.find(prefix(text), always)).toBe(found))

  test('only those that are wanted count', () =>
    expect(index.find(prefix('0.0.0.0/0'), item => item !== 'wide')).toBe('host'))
})

/** Few enough networks that many overlap. */
const networks = fc
  .tuple(fc.constantFrom(8, 9, 10, 12, 16), fc.nat(255), fc.nat(255))
  .map(([length, a, b]) => {
    const number = ((a << 24) | (b << 16)) & (-1 << (32 - length))
    return prefix(`${[24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.')}/${length}`)
  })

test('a network is found exactly where it overlaps, however it came in, and not once it is out again', () => {
  fc.assert(
    fc.property(
      fc.array(networks),
      fc.array(fc.tuple(networks, fc.boolean())),
      networks,
      (given, added, asked) => {
        const index = new PrefixIndex<string>(given.map((one, at) => [one, `given ${at} ${one}`] as const))
        for (const [at, [one]] of added.entries()) index.add(one, `added ${at} ${one}`)
        for (const [at, [one, stays]] of added.entries()) if (!stays) index.remove(one, `added ${at} ${one}`)
        const expected = [
          ...given.flatMap((one, at) => (overlaps(one, asked) ? [`given ${at} ${one}`] : [])),
          ...added.flatMap(([one, stays], at) =>
            stays && overlaps(one, asked) ? [`added ${at} ${one}`] : [],
          ),
        ]
        expect([...index.overlapping(asked)].toSorted()).toEqual(expected.toSorted())
        const found = index.find(asked, always)
        expect(found === undefined).toBe(expected.length === 0)
      },
    ),
  )
})
