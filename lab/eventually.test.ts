import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'

test('returns the first truthy answer', async () => {
  let asked = 0
  const answer = await eventually('a third question', () => (++asked === 3 ? 'yes' : undefined), {
    everyMs: 1,
  })
  expect(answer).toBe('yes')
  expect(asked).toBe(3)
})

test('asks again after a failure', async () => {
  let asked = 0
  const answer = await eventually('no failure', () => {
    if (++asked < 2) throw new Error('not yet')
    return asked
  })
  expect(answer).toBe(2)
})

test('says what was awaited, what happened last and what the world looked like', async () => {
  const never = eventually(
    'rain',
    () => {
      throw new Error('blue sky')
    },
    { timeoutMs: 5, everyMs: 1, dump: () => 'the world' },
  )
  await expect(never).rejects.toThrow('not within 5 ms: rain\nlast: blue sky\nthe world')
})
