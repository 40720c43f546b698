import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { notifySurely, watchdogInterval } from './notify.ts'

const folder = mkdtempSync(join(tmpdir(), 'guestnet-notify-'))
const log = join(folder, 'log')

/** A systemd-notify(1) that notes what it is told, and ends as a command does. */
function notifier(command: string): void {
  writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >>${log}\n${command}\n`, {
    mode: 0o755,
  })
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  vi.stubEnv('NOTIFY_SOCKET', join(folder, 'socket'))
}

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

test('what could not be told is told again, until it could', async () => {
  notifier(`[ "$(wc -l <${log})" -gt 1 ]`)
  await notifySurely('--ready', 5)
  expect(readFileSync(log, 'utf8')).toBe('--ready\n--ready\n')
})

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
