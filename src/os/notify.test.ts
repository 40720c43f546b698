import { expect, test } from 'vitest'
import { watchdogInterval } from './notify.ts'

test.each([
  { why: 'nobody watches', environment: {}, interval: undefined },
  { why: 'somebody does', environment: { WATCHDOG_USEC: '30000000' }, interval: 30_000 },
  {
    why: 'this process is meant',
    environment: { WATCHDOG_USEC: '5000000', WATCHDOG_PID: String(process.pid) },
    interval: 5000,
  },
  {
    why: 'another process is meant',
    environment: { WATCHDOG_USEC: '5000000', WATCHDOG_PID: '1' },
    interval: undefined,
  },
  { why: 'it makes no sense', environment: { WATCHDOG_USEC: 'soon' }, interval: undefined },
])('the interval of the watchdog where $why: $interval', ({ environment, interval }) => {
  expect(watchdogInterval(environment)).toBe(interval)
})
