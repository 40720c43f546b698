import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KeaHealth } from './health.ts'
import type { ProbeResult } from './probe.ts'

let folder: string
let socket: string
let server: Server
let questions: number

/** Something that answers at a control socket, as Kea does whatever becomes of its leases. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-health-'))
  socket = join(folder, 'socket')
  questions = 0
  server = createServer(connection =>
    connection.once('data', () => {
      questions++
      connection.end('{"result":0}')
    }),
  )
  await new Promise<void>(resolve => server.listen(socket, resolve))
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function healthWith(...results: ProbeResult[]) {
  let asked = 0
  let now = 60_000
  const health = new KeaHealth(
    async () => results[asked++] ?? 'answered',
    () => now,
  )
  return {
    isWell: (pid: number) =>
      health.answersNow({ pid, socket, asked: { link: 'guestnet-1', family: 'ipv4' } }),
    isWellStill: (pid: number) => health.isWell({ pid, socket }),
    asked: () => asked,
    pass: (ms: number) => {
      now += ms
    },
  }
}

test('a Kea that gives leases is well, and is not asked for another one at once', async () => {
  const { isWell, asked } = healthWith('answered')
  expect([await isWell(1), await isWell(1)]).toEqual([true, true])
  expect(asked()).toBe(1)
})

test('all are asked again at the same times, thirty seconds apart, whenever each was asked before', async () => {
  const { isWell, asked, pass } = healthWith()
  await isWell(1)
  pass(21_000)
  await isWell(2)
  pass(8999)
  await Promise.all([isWell(1), isWell(2)])
  expect(asked()).toBe(2)
  pass(1)
  await Promise.all([isWell(1), isWell(2)])
  expect(asked()).toBe(4)
})

test('one that gives none is not well, though it answers at its socket', async () => {
  expect(await healthWith('silent', 'silent').isWell(1)).toBe(false)
})

test('one message may be lost', async () => {
  expect(await healthWith('silent', 'answered').isWell(1)).toBe(true)
})

test('what cannot be tried proves nothing', async () => {
  expect(await healthWith('unknown').isWell(1)).toBe(true)
})

test('where no Kea gives leases, the asking is at fault: they are not replaced for ever', async () => {
  const { isWell } = healthWith(...Array.from({ length: 8 }, () => 'silent' as const))
  expect([await isWell(1), await isWell(2), await isWell(3), await isWell(4)]).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test('those that answered, and are there, are asked again every five seconds, all at the same times', async () => {
  const { isWellStill, pass } = healthWith()
  const isWell = [await isWellStill(process.pid)]
  pass(3000)
  isWell.push(await isWellStill(process.ppid))
  pass(1999)
  isWell.push(await isWellStill(process.pid), await isWellStill(process.ppid))
  expect({ isWell, questions }).toEqual({ isWell: [true, true, true, true], questions: 2 })
  pass(1)
  await Promise.all([isWellStill(process.pid), isWellStill(process.ppid)])
  expect(questions).toBe(4)
})

test('one that is gone, or whose socket is, is asked at once', async () => {
  const { isWellStill } = healthWith()
  const gone = 2 ** 30
  await isWellStill(gone)
  await isWellStill(gone)
  expect(questions).toBe(2)
  await isWellStill(process.pid)
  renameSync(socket, `${socket}.away`)
  expect(await isWellStill(process.pid)).toBe(false)
})
