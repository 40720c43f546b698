import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { answer, ask, socketPath } from './socket.ts'

let runDir: string
let server: Server
let sockets: Socket[]
beforeEach(async () => {
  runDir = mkdtempSync(join(tmpdir(), 'guestnet-'))
  sockets = []
  server = await answer(
    { runDir },
    {
      values: {
        'GET /report': async () => 'fine',
        'GET /broken': async () => {
          throw new Error('no ip today')
        },
      },
      streams: {},
    },
  )
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
  server.closeAllConnections()
  rmSync(runDir, { recursive: true })
})

async function idle(): Promise<Socket> {
  const socket = connect(socketPath({ runDir })).on('error', () => undefined)
  sockets.push(socket)
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  return socket
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}

test('only root can open it', () => expect(statSync(socketPath({ runDir })).mode & 0o777).toBe(0o600))

test('who asks is answered, or told why not', async () => {
  expect(await ask({ runDir }, 'GET', '/report')).toEqual({ ok: true, value: 'fine' })
  expect(await ask({ runDir }, 'GET', '/broken')).toEqual({ ok: false, reason: 'no ip today' })
  expect(await ask({ runDir: '/nowhere' }, 'GET', '/report')).toBeUndefined()
})

test('connections that ask nothing are few, and end, and others are answered then', async () => {
  for (let count = 0; count < 200; count++) await idle()
  expect(await connections()).toBeLessThanOrEqual(64)
  await eventually('somebody is answered', async () => (await ask({ runDir }, 'GET', '/report', 1000))?.ok, {
    timeoutMs: 20_000,
  })
  await eventually('the idle ones are gone', async () => (await connections()) === 0, { timeoutMs: 20_000 })
})
