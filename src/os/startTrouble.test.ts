import { expect, test } from 'vitest'
import { StartTrouble } from './startTrouble.ts'

test('what does not come up is let be for a second, each time twice as long, ten at most', () => {
  let now = 0
  const trouble = new StartTrouble(() => now)
  expect(trouble.failure).toBeUndefined()
  for (const ms of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    trouble.note('start a Kea', 'no memory')
    now += ms - 1
    expect(trouble.failure).toEqual({ what: 'start a Kea', why: 'no memory', rests: 'all' })
    now += 1
    expect(trouble.failure?.rests).toBe('spares')
  }
  trouble.clear()
  expect(trouble.failure).toBeUndefined()
  trouble.note('start a Kea', 'no memory')
  now += 1000
  expect(trouble.failure?.rests).toBe('spares')
})

test('what nobody waits for is let be for a minute', () => {
  let now = 0
  const trouble = new StartTrouble(() => now)
  trouble.note('start a Kea', 'no memory')
  now = 59_999
  expect(trouble.failure?.rests).toBe('spares')
  now = 60_000
  expect(trouble.failure).toEqual({ what: 'start a Kea', why: 'no memory' })
})
