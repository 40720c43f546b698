import { describe, expect, test } from 'vitest'
import { renderForRouter } from './forRouter.ts'

const AS_NUMBERS = [4_220_000_001, 65_001]

describe('FRR', () => {
  const lines = renderForRouter('frr', AS_NUMBERS).split('\n')
  const patterns = new Map(
    lines.flatMap(line => {
      const [, name, pattern] = /^bgp large-community-list expanded (\S+) seq 5 permit (.*)$/.exec(line) ?? []
      return name && pattern ? [[name, new RegExp(pattern.replaceAll('_', '(?:^|[ ]|$)'))] as const] : []
    }),
  )
  const text = lines.filter(line => !line.startsWith('!')).join('\n')
  const entries = [...text.matchAll(/^route-map guestnet-arrival permit (\d+)\n([\s\S]*?)^exit$/gm)].map(
    ([, number, body = '']) => ({
      sequence: Number(number),
      list: /match large-community (\S+)/.exec(body)?.[1],
      next: /on-match goto (\d+)/.exec(body)?.[1],
      value: /set local-preference (\+?\d+)/.exec(body)?.[1],
    }),
  )

  const matches = ({ list }: (typeof entries)[number], communities: string) =>
    list === undefined || patterns.get(list)?.test(communities)

  /** The local preference as FRR works it out: `undefined` where the route map leaves it alone. */
  function preferenceOf(communities: string, from = 0, preference?: number): number | undefined {
    const entry = entries.find(one => one.sequence >= from && matches(one, communities))
    if (!entry) throw new Error('denied: no entry matched')
    const { value, next } = entry
    const added = value?.startsWith('+') ? (preference ?? 100) : 0
    const now = value === undefined ? preference : added + Number(value)
    return next === undefined ? now : preferenceOf(communities, Number(next), now)
  }

  test.each([1_000_000_000, 1_796_000_001, 1_999_999_999, 2_000_000_000, 4_294_967_295])(
    'makes the arrival %i the local preference',
    arrival => {
      for (const as of AS_NUMBERS)
        expect(preferenceOf(`${as}:1:100 ${as}:2:${arrival} 65000:7:9`)).toBe(arrival)
    },
  )

  test.each([
    '',
    '65000:2:1796000001',
    '4220000001:1:1796000001',
    '4220000001:2:17960000011',
    '14220000001:2:1796000001',
  ])('leaves alone what says nothing of an arrival: %j', communities =>
    expect(preferenceOf(communities)).toBeUndefined(),
  )

  test('has its entries in order', () => {
    const sequences = entries.map(({ sequence }) => sequence)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    expect(new Set(sequences).size).toBe(sequences.length)
  })
})

test('BIRD heeds the AS numbers of all nodes', () => {
  expect(renderForRouter('bird', AS_NUMBERS)).toContain('if told ~ [(4220000001, 2, *), (65001, 2, *)] &&')
})
