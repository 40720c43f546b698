import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type Daemon, startDaemon } from './daemon.ts'

const sleeper: Daemon = {
  title: 'Sleeper',
  command: ['sleep', '60'],
  isAnswering: async () => true,
  timeout: 5000,
  lastWords: () => 'it said nothing',
}

test('a daemon that answers is started, in a session of its own', async () => {
  const started = await startDaemon(sleeper)
  if (!started.ok) expect.fail(started.reason)
  const { child } = started
  try {
    // A signal to this process's group, such as Ctrl-C, does not reach it.
    expect(() => process.kill(-(child.pid ?? 0), 0)).not.toThrow()
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test.each([
  {
    why: 'it ends at once',
    daemon: { ...sleeper, command: ['false'], isAnswering: async () => false },
    reason: 'Sleeper ended with exit status 1: it said nothing',
  },
  {
    why: 'it never answers',
    daemon: { ...sleeper, isAnswering: async () => false, timeout: 50 },
    reason: 'Sleeper did not answer within 0.05 s: it said nothing',
  },
  {
    why: 'it is not there',
    daemon: { ...sleeper, command: ['/no/such/program'], isAnswering: async () => false },
    reason: 'spawn /no/such/program ENOENT',
  },
])('where $why, the reason is told', async ({ daemon, reason }) => {
  expect(await startDaemon(daemon)).toMatchObject({ ok: false, reason })
})
