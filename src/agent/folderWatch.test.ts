import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { FolderWatch } from './folderWatch.ts'

/** Milliseconds in which inotify surely told what it had to. */
const QUIET = 60

let root: string
let folder: string
let told: string[]
let watch: FolderWatch
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  folder = join(root, 'qemu-server')
  told = []
  watch = new FolderWatch(changed => told.push(changed))
})
afterEach(() => {
  watch.stop()
  rmSync(root, { recursive: true })
})

/** Watches, and forgets what was told so far. */
async function settle(...folders: string[]): Promise<void> {
  watch.keep(folders)
  await pause(QUIET)
  told.length = 0
}

async function expectNews(): Promise<void> {
  await eventually('the folder’s change is told', () => told.includes(folder), { timeoutMs: 2000 })
}

test('a change in a watched folder is told', async () => {
  mkdirSync(folder)
  await settle(folder)
  writeFileSync(join(folder, '100.conf'), 'name: web\n')
  await expectNews()
})

test('a folder is told when it begins to be watched: what came before was not seen', () => {
  mkdirSync(folder)
  watch.keep([folder])
  expect(told).toEqual([folder])
})

test('a folder that stays the same is told of once only', async () => {
  mkdirSync(folder)
  await settle(folder)
  watch.keep([folder])
  expect(told).toEqual([])
})

test('a folder that appears later is watched from then on', async () => {
  await settle(folder)
  mkdirSync(folder)
  watch.keep([folder])
  expect(told).toEqual([folder])
  await settle(folder)
  writeFileSync(join(folder, '100.conf'), '')
  await expectNews()
})

test('another folder in the place of a former one is told, and watched', async () => {
  mkdirSync(folder)
  await settle(folder)
  renameSync(folder, `${folder}.away`)
  mkdirSync(folder)
  watch.keep([folder])
  expect(told).toContain(folder)
  await settle(folder)
  writeFileSync(join(folder, '100.conf'), '')
  await expectNews()
})

test('a folder that is gone is told', async () => {
  mkdirSync(folder)
  await settle(folder)
  rmSync(folder, { recursive: true })
  await pause(QUIET)
  told.length = 0
  watch.keep([folder])
  expect(told).toEqual([folder])
})

test.each([
  ['no longer wanted', () => watch.keep([])],
  ['no longer watched at all', () => watch.stop()],
])('a folder that is %s is not told of', async (_, end) => {
  mkdirSync(folder)
  await settle(folder)
  end()
  writeFileSync(join(folder, '100.conf'), '')
  await pause(QUIET)
  expect(told).toEqual([])
})
