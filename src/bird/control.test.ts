import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookPatiently } from './control.ts'

/** Answers as BIRD does, but late, as on a node that is busy; each time well within the patience, which is a second. */
const ANSWERS = `
  require('node:net').createServer(connection => {
    const say = text => setTimeout(() => connection.write(text), 400)
    say('0001 BIRD 2.17.1 ready.\\n')
    connection.on('data', () => say('0000 \\n'))
  }).listen(process.argv[1], () => console.log('ready'))
`

const folder = mkdtempSync(join(tmpdir(), 'guestnet-control-'))
const socket = join(folder, 'bird.ctl')
const bird = spawn(process.execPath, ['-e', ANSWERS, socket], { stdio: ['ignore', 'pipe', 'inherit'] })

beforeAll(() => once(bird.stdout, 'data'))
afterAll(() => {
  bird.kill()
  rmSync(folder, { recursive: true })
})

test('a BIRD has its time for each of its answers, so that a look is not given up because there are several', async () => {
  await expect(lookPatiently(socket, () => false)).resolves.toMatchObject({ peers: [] })
})
