import { expect, test } from 'vitest'
import { StartPatience } from './startPatience.ts'

test('a try has twice as long as the one before that failed, up to the longest, each daemon by itself', () => {
  const patience = new StartPatience<number>({ first: 10, longest: 35 })
  const tries = [0, 1, 2, 3].map(() => {
    const timeout = patience.of(1)
    patience.note(1, false)
    return timeout
  })
  expect(tries).toEqual([10, 20, 35, 35])
  expect(patience.of(2)).toBe(10)
})

test('after a success all is as it was at first', () => {
  const patience = new StartPatience<number>({ first: 10, longest: 35 })
  patience.note(1, false)
  patience.note(1, true)
  expect(patience.of(1)).toBe(10)
})
