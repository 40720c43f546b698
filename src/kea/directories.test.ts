import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEA_PATHS, makeFolders, type SlotFolders, slotFolders, slotsOnDisk } from './directories.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('files are called as Kea’s AppArmor profile wants them', () => {
  const { configFile, logFile, socket } = slotFolders(root, 1)
  expect([configFile, logFile, socket].map(path => basename(path))).toEqual(
    [KEA_PATHS.config, KEA_PATHS.log, KEA_PATHS.socket].map(path => basename(path)),
  )
})

test('slots share nothing', () => {
  const first = Object.values(slotFolders(root, 1))
  const second = new Set(Object.values(slotFolders(root, 2)))
  expect(first.filter(path => second.has(path))).toEqual([])
})

test('folders are closed to others, as Kea demands', () => {
  const { etc, log, run } = made()
  for (const folder of [etc, log, run]) expect(statSync(folder).mode & 0o007).toBe(0)
})

test('folders that are there already are no mistake', () => {
  made()
  expect(() => made()).not.toThrow()
})

test('folders that cannot be made throw', () => {
  writeFileSync(join(root, 'kea'), '')
  expect(() => made()).toThrow()
})

test('slots are found by their folders', () => {
  expect(slotsOnDisk(root)).toEqual([])
  made()
  for (const name of ['12', '0', '01', 'lost+found']) mkdirSync(join(root, 'kea', name))
  expect(slotsOnDisk(root).toSorted((a, b) => a - b)).toEqual([1, 12])
})

function made(): SlotFolders {
  const folders = slotFolders(root, 1)
  makeFolders(folders)
  return folders
}
