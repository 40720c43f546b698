import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Prefix } from './address.ts'
import { aggregate } from './aggregate.ts'
import { overlaps } from './prefix.ts'

const aggregated = (...prefixes: string[]) => aggregate(prefixes as Prefix[])

test('halves become the whole, all the way up', () => {
  expect(aggregated('192.0.2.3/32', '192.0.2.0/32', '192.0.2.2/32', '192.0.2.1/32')).toEqual(['192.0.2.0/30'])
  expect(aggregated('2001:db8:1::/48', '2001:db8::/48')).toEqual(['2001:db8::/47'])
})

test('neighbours that are no halves of the same stay apart', () => {
  expect(aggregated('192.0.2.1/32', '192.0.2.2/32')).toEqual(['192.0.2.1/32', '192.0.2.2/32'])
})

test('what lies within another is left out; families are not mixed', () => {
  expect(aggregated('2001:db8::1/128', '192.0.2.7/32', '192.0.2.0/24')).toEqual([
    '192.0.2.0/24',
    '2001:db8::1/128',
  ])
})

test('never becomes everything there is', () => {
  expect(aggregated('0.0.0.0/1', '128.0.0.0/1')).toEqual(['0.0.0.0/1', '128.0.0.0/1'])
})

test('holds exactly the addresses that were given', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 63 })), numbers => {
      const given = numbers.map(number => `192.0.2.${number}/32` as Prefix)
      const result = aggregate(given)
      for (let number = 0; number < 64; number++) {
        const holders = result.filter(prefix => overlaps(prefix, `192.0.2.${number}/32` as Prefix))
        expect(holders).toHaveLength(numbers.includes(number) ? 1 : 0)
      }
    }),
  )
})
