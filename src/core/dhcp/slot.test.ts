import { describe, expect, test } from 'vitest'
import { slotNames, slotOfNamespace } from './slot.ts'

const NUMBERS = [1, 2, 10, 999]

test('the first slot bears the instance’s name, the others a number after it', () => {
  expect(slotNames('guestnet', 1)).toEqual({ namespace: 'guestnet', link: 'guestnet-1' })
  expect(slotNames('guestnet', 2)).toEqual({ namespace: 'guestnet-2', link: 'guestnet-2' })
})

test.each(['guestnet', 'a', 'a-name-of-as-many-letters-as-32'])(
  'links of %s fit the kernel’s 15 characters, and each slot has its own',
  name => {
    const links = NUMBERS.map(slot => slotNames(name, slot).link)
    expect(new Set(links).size).toBe(NUMBERS.length)
    for (const link of links) expect(link).toMatch(/^[\w-]{1,15}$/)
  },
)

test('instances with long names that begin alike have links of their own', () => {
  expect(slotNames('a-long-name-of-one', 1).link).not.toBe(slotNames('a-long-name-of-two', 1).link)
})

test.each(NUMBERS)('a namespace tells its slot: %i', slot => {
  expect(slotOfNamespace('guestnet', slotNames('guestnet', slot).namespace)).toBe(slot)
})

describe('no slot of this instance is', () => {
  test.each([
    'guestnet-1',
    'guestnet-02',
    'guestnet-',
    'guestnet-x',
    'guestnet2',
    'other',
    'guestnet-1000',
    '',
  ])('%j', namespace => expect(slotOfNamespace('guestnet', namespace)).toBeUndefined())
})
