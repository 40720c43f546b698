import { expect, test } from 'vitest'
import * as z from 'zod'
import { knownJson } from './known.ts'

const SCHEMA = z.object({
  name: z.string(),
  given: z.exactOptional(z.number()),
  all: z.array(z.object({ one: z.number() })),
  way: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), here: z.number() }),
    z.object({ kind: z.literal('b'), there: z.number() }),
  ]),
})

const known = (value: object) => JSON.parse([...knownJson(SCHEMA, value)].join('')) as unknown

test('what a schema does not know is left out, at any depth', () => {
  const value = {
    ...{ name: 'x', more: 1, all: [{ one: 1, more: 2 }, { one: 2 }] },
    way: { kind: 'b' as const, there: 3, here: 4 },
  }
  expect(known(value)).toEqual({
    ...{ name: 'x', all: [{ one: 1 }, { one: 2 }] },
    way: { kind: 'b', there: 3 },
  })
})

test('it is what parsing leaves', () => {
  const value = { name: 'x', given: 0, all: [], way: { kind: 'a' as const, here: 3, more: 1 } }
  expect(known(value)).toEqual(SCHEMA.parse(value))
})
