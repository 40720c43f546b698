import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { Doorbells } from './doorbells.ts'
import { NftEvents } from './nftEvents.ts'
import type { RingReason } from './ringReason.ts'

let folder: string
let mark: string
let looks: number
let rings: RingReason[]
let doorbells: Doorbells

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
  mark = 'first'
  looks = 0
  rings = []
  doorbells = new Doorbells({
    settings: {
      name: 'bells',
      node: 'pve1',
      pveRoot: folder,
      runDir: folder,
      stateDir: folder,
      watch: 'poll',
      config: join(folder, 'guestnet.yaml'),
    },
    nftEvents: new NftEvents('bells', 'bells.guard'),
    isLinkNews: () => false,
    isOwnLoss: () => false,
    poll: 60_000,
    changeMark: async () => {
      looks++
      return mark
    },
    isHealthy: async () => true,
    birdSocket: join(folder, 'bird.ctl'),
    ring: reason => rings.push(reason),
  })
  doorbells.hasten('coming')
})
afterEach(() => {
  doorbells.stop()
  rmSync(folder, { recursive: true })
})

/** Waits for looks that begin after this call. */
async function looked(): Promise<void> {
  const before = looks
  await eventually('files were looked at again, twice', async () => looks >= before + 2)
}

const versions = () => rings.filter(reason => reason === 'version').length

test('what changed rings once', async () => {
  await looked()
  const before = versions()
  mark = 'second'
  await looked()
  await looked()
  expect(versions()).toBe(before + 1)
})

test('what changed before files were read does not ring any more, and what changes afterwards does', async () => {
  await looked()
  doorbells.hasten('none')
  const before = versions()
  mark = 'second'
  await doorbells.heardOfFiles()
  doorbells.hasten('coming')
  await looked()
  expect(versions()).toBe(before)
  mark = 'third'
  await looked()
  expect(versions()).toBe(before + 1)
})
