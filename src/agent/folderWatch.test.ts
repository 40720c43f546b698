import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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

function identityOf(path: string): string {
  const { dev, ino } = statSync(path)
  return `${dev}:${ino}`
}

/** A mount namespace of its own, and where its files are to be seen from here. */
async function mountNamespace() {
  const shell = spawn('unshare', ['--mount', 'sh'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(shell.stdout)[Symbol.asyncIterator]()
  const mounts = {
    root: `/proc/${shell.pid}/root`,
    async do(command: string): Promise<void> {
      shell.stdin.write(`${command} && echo done || echo failed\n`)
      expect((await lines.next()).value).toBe('done')
    },
    end: () => shell.stdin.end(),
  }
  await mounts.do('true')
  return mounts
}

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

test('another file system in the place of a former one is watched, also where nothing tells them apart', async () => {
  const mounts = await mountNamespace()
  try {
    const place = join(mounts.root, folder)
    // As when pmxcfs is restarted: the kernel gives the numbers that became free, unless somebody else takes them.
    await eventually('another file system with the numbers of the former', async () => {
      await mounts.do(`mount -t tmpfs none ${root} && mkdir ${folder}`)
      const before = identityOf(place)
      await settle(place)
      await mounts.do(`umount ${root} && mount -t tmpfs none ${root} && mkdir ${folder}`)
      return identityOf(place) === before
    })
    await eventually('a watch that hears what happens', () => {
      watch.keep([place])
      told.length = 0
      writeFileSync(join(place, '100.conf'), String(performance.now()))
      return pause(QUIET).then(() => told.length > 0)
    })
  } finally {
    mounts.end()
  }
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
