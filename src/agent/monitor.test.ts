import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { Monitor } from './monitor.ts'

let monitor: Monitor | undefined
afterEach(() => monitor?.stop())

/** Runs a script as the monitored program, and gathers what it leads to. */
function monitored(script: string, program = 'sh'): { lines: string[]; gaps: string[] } {
  const lines: string[] = []
  const gaps: string[] = []
  monitor = new Monitor({
    program,
    args: ['-c', script],
    onLine: line => lines.push(line),
    onGap: reason => gaps.push(reason),
  })
  monitor.start()
  return { lines, gaps }
}

test('each line is told, whole and at once', async () => {
  const { lines } = monitored('printf "one\\ntw"; sleep 0.1; printf "o\\nthree"; sleep 60')
  await eventually('two lines are told', () => lines.length === 2)
  expect(lines).toEqual(['one', 'two'])
})

test('a program that ends is started again, and then the gap is told', async () => {
  const { lines, gaps } = monitored('echo line; exit 3')
  await eventually('it was started twice', () => lines.length === 2)
  expect(gaps[0]).toMatch(/ended with exit status 3$/)
})

test('a program that ends at once is not started again at once', async () => {
  const { lines } = monitored('echo line')
  await pause(450)
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.length).toBeLessThan(4)
})

test('a program that complains has lost something, and goes on', async () => {
  const { lines, gaps } = monitored('echo "No buffer space available" >&2; sleep 0.1; echo line; sleep 60')
  await eventually('a line after the complaint', () => lines.length === 1)
  expect(gaps).toEqual(['sh says: No buffer space available'])
})

test('a warning of nft’s loses nothing', async () => {
  const { lines, gaps } = monitored(
    'echo "W: Received event for an unknown set." >&2; sleep 0.1; echo line; sleep 60',
  )
  await eventually('a line after the warning', () => lines.length === 1)
  expect(gaps).toEqual([])
})

test('a program that is not there is told, and tried again', async () => {
  const { gaps } = monitored('', '/nonexistent/ip')
  await eventually('two failures are told', () => gaps.length === 2)
  expect(gaps[0]).toContain('ENOENT')
})

test('after the end nothing is started or told any more', async () => {
  const { lines, gaps } = monitored('echo line; sleep 60')
  await eventually('it runs', () => lines.length === 1)
  monitor?.stop()
  await pause(400)
  expect({ lines, gaps }).toEqual({ lines: ['line'], gaps: [] })
})

test('where no process can be had it is tried again until there is one', async () => {
  const lines: string[] = []
  let starts = 0
  monitor = new Monitor(
    {
      program: 'sh',
      args: ['-c', 'echo line; sleep 60'],
      onLine: line => lines.push(line),
      onGap: () => undefined,
    },
    (program, args) => {
      starts += 1
      // What Node does where memory is short, and where files are: one is thrown, the other has no pipes.
      if (starts === 1) throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' })
      const child = spawn(program, [...args], { stdio: ['ignore', starts === 2 ? 'ignore' : 'pipe', 'pipe'] })
      if (starts === 2) child.kill()
      return child
    },
  )
  monitor.start()
  await eventually('a line is told', () => lines.length === 1)
})
