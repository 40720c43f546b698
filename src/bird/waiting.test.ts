import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { isWaiting } from './waiting.ts'

const folder = mkdtempSync(join(tmpdir(), 'guestnet-waiting-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(command: string, ...args: string[]): number {
  const child = spawn(command, args, { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? 0
}

const stateIs = (pid: number, state: string) =>
  eventually(`process ${pid} is in state ${state}`, () =>
    readFileSync(`/proc/${pid}/stat`, 'latin1').includes(`) ${state} `),
  )

test('who computes waits for the CPU, or has it', async () => {
  const pid = start('sh', '-c', 'while :; do :; done')
  await stateIs(pid, 'R')
  expect(isWaiting(pid)).toBe(true)
})

test('who sleeps does not, whatever its name', async () => {
  const misleading = join(folder, 'a) R (')
  copyFileSync('/bin/sleep', misleading)
  const pid = start(misleading, '60')
  await eventually('it sleeps', () => !isWaiting(pid))
})

test('who is stopped does not, though it had something to do', async () => {
  const pid = start('sh', '-c', 'while :; do :; done')
  process.kill(pid, 'SIGSTOP')
  await stateIs(pid, 'T')
  expect(isWaiting(pid)).toBe(false)
})

test('who is gone does not', () => {
  expect(isWaiting(2 ** 22 + 1)).toBe(false)
})
