import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askReport } from './askReport.ts'
import { answer } from './socket.ts'

let runDir: string
let server: Server

beforeAll(async () => {
  runDir = mkdtempSync(join(tmpdir(), 'guestnet-'))
  const values = {
    'POST /converge': async () => {
      await delay(500)
      throw new Error('done')
    },
  }
  server = await answer({ runDir }, { values, streams: {} })
})
afterAll(() => {
  server.close()
  rmSync(runDir, { recursive: true })
})

test('an agent that answers has its time to be done, however soon it had to say anything', async () => {
  expect(await askReport({ runDir }, 'converge', 60_000, 400)).toEqual({ kind: 'failed', reason: 'done' })
})

test('and no longer than that', async () => {
  expect(await askReport({ runDir }, 'converge', 100)).toEqual({ kind: 'silent' })
})
