import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { afterListening } from './deadline.ts'

test('a deadline passes', async () => {
  const passed = await new Promise<boolean>(resolve => afterListening(20, () => resolve(true)))
  expect(passed).toBe(true)
})

test('one that is called off does not', async () => {
  let isPassed = false
  const cancel = afterListening(10, () => {
    isPassed = true
  })
  cancel()
  await delay(50)
  expect(isPassed).toBe(false)
})

test('a pause of the whole process is not taken for silence', async () => {
  let isPassed = false
  const cancel = afterListening(50, () => {
    isPassed = true
  })
  const end = performance.now() + 200
  while (performance.now() < end);
  // Timers that are due come first after a pause, before sockets are looked at.
  await delay(1)
  expect(isPassed).toBe(false)
  cancel()
})
