import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test('an answer that came while this process did not run is heard, even in the last part', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-deadline-'))
  const answered = join(folder, 'answered')
  const script = 'read question && echo answer && : >"$1" && read more'
  const other = spawn('sh', ['-c', script, 'sh', answered], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(other, 'exit')
  let isPassed = false
  const cancel = afterListening(250, () => {
    isPassed = true
  })
  const heard = once(other.stdout, 'data').then(cancel)
  // Four of five parts are over.
  await delay(225)
  // From here on the timers of the next turn come before its sockets.
  await new Promise(resolve => setImmediate(resolve))
  other.stdin.write('question\n')
  const end = performance.now() + 100
  while (performance.now() < end || !existsSync(answered));
  await heard
  expect(isPassed).toBe(false)
  other.stdin.end()
  await ended
  rmSync(folder, { recursive: true })
})
