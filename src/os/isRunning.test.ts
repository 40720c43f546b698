import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { isRunning } from './isRunning.ts'

test('a process runs until it is gone', async () => {
  const child = spawn('sleep', ['60'])
  const pid = child.pid ?? 0
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGSTOP')
  expect(isRunning(pid)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isRunning(pid)).toBe(false)
})

test('one that has ended and was not waited for does not run, whatever it is called', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-running-'))
  const program = join(folder, 'a) S')
  copyFileSync('/bin/true', program)
  // What the shell becomes waits for none of its children.
  const parent = spawn('sh', ['-c', '"$0" & echo $!; exec sleep 60', program])
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    await eventually('the child is not seen as running', () => !isRunning(Number(line.toString())))
  } finally {
    parent.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
})
