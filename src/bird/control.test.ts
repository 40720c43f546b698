import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lookPatiently } from './control.ts'

/** Answers as BIRD does, but late, as on a node that is busy; each time well within the patience, which is a second. */
const ANSWERS = `
  require('node:net').createServer(connection => {
    const say = text => setTimeout(() => connection.write(text), 400)
    say('0001 BIRD 2.17.1 ready.\\n')
    connection.on('data', () => say('0000 \\n'))
  }).listen(process.argv[1], () => console.log('ready'))
`

/** Answers as BIRD does, but the first who asks has no answer within a second, and later ones at once. */
const ANSWERS_LATE_ONCE = `
  let asked = 0
  require('node:net').createServer(connection => {
    const wait = asked++ === 0 ? 1500 : 0
    connection.on('error', () => undefined)
    setTimeout(() => connection.write('0001 BIRD 2.17.1 ready.\\n'), wait)
    connection.on('data', () => connection.write('0000 \\n'))
  }).listen(process.argv[1], () => console.log('ready'))
`

const folder = mkdtempSync(join(tmpdir(), 'guestnet-control-'))
const running: ChildProcess[] = []

/** Starts such a BIRD; its control socket. */
async function start(program: string): Promise<string> {
  const socket = join(folder, `bird${running.length}.ctl`)
  const bird = spawn(process.execPath, ['-e', program, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(bird)
  await once(bird.stdout, 'data')
  return socket
}

afterAll(() => {
  for (const bird of running) bird.kill()
  rmSync(folder, { recursive: true })
})

test('a BIRD has its time for each of its answers, so that a look is not given up because there are several', async () => {
  const socket = await start(ANSWERS)
  await expect(lookPatiently(socket, () => false)).resolves.toMatchObject({ peers: [] })
})

test('a BIRD that was late is asked again, also if it waits for nothing any more', async () => {
  const socket = await start(ANSWERS_LATE_ONCE)
  await expect(lookPatiently(socket, () => false)).resolves.toMatchObject({ peers: [] })
})
