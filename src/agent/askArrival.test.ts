import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Vmid } from '../core/guest/names.ts'
import { askArrival } from './askArrival.ts'
import { answer, type Routes } from './socket.ts'

let runDir: string
beforeEach(() => {
  runDir = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterEach(() => rmSync(runDir, { recursive: true }))

/** What is made of the answers of an agent that has these, asked for guest 100. */
async function asked(values: Routes['values'], timeout = 5000) {
  const server = await answer({ runDir }, { values, streams: {} })
  try {
    return await askArrival({ runDir }, 100 as Vmid, 'converge', timeout)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('the agent is told which guest is meant, and its judgement is taken', async () => {
  const values = {
    'POST /arrival': async (query: URLSearchParams) => ({ isDone: true, text: `VM ${query.get('vmid')}` }),
  }
  expect(await asked(values)).toEqual({ kind: 'value', value: { isDone: true, text: 'VM 100' } })
})

test.each<[string, Routes['values']]>([
  ['does not know the question', {}],
  ['answers otherwise', { 'POST /arrival': async () => ({ done: true }) }],
  ['answers nothing', { 'POST /arrival': async () => null }],
])('an agent that %s is another version', async (_, values) =>
  expect(await asked(values)).toEqual({ kind: 'other version' }),
)

test('an agent that cannot tell says why', async () => {
  const values = { 'POST /arrival': () => Promise.reject(new Error('no ip today')) }
  expect(await asked(values)).toEqual({ kind: 'failed', reason: 'no ip today' })
})

test('no agent is told from one that is silent', async () => {
  expect(await askArrival({ runDir }, 100 as Vmid, 'as it is', 1000)).toEqual({ kind: 'no agent' })
  expect(await asked({ 'POST /arrival': () => new Promise(() => undefined) }, 300)).toEqual({
    kind: 'silent',
  })
})
