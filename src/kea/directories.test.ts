import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEA } from './daemons.ts'
import {
  filesInSlot,
  keaPaths,
  makeFolders,
  type SlotFolders,
  slotFiles,
  slotFolders,
  slotsOnDisk,
} from './directories.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test.each([KEA.ipv4, KEA.ipv6])('files are called as the AppArmor profile of $program wants them', daemon => {
  const { configFile, logFile, socket } = slotFiles(root, 1, daemon)
  const paths = keaPaths(daemon)
  expect([configFile, logFile, socket].map(path => basename(path))).toEqual(
    [paths.config, paths.log, paths.socket].map(path => basename(path)),
  )
})

test('the two daemons of Kea share no file', () => {
  const first = new Set<string>(Object.values(keaPaths(KEA.ipv4)))
  expect(Object.values(keaPaths(KEA.ipv6)).filter(path => first.has(path))).toEqual([])
})

test.each([KEA.ipv4, KEA.ipv6])('a slot’s configuration tells that $program is, or was, there', daemon => {
  made()
  expect(filesInSlot(root, 1)).toBeUndefined()
  const files = slotFiles(root, 1, daemon)
  writeFileSync(files.configFile, '{}')
  expect(filesInSlot(root, 1)).toEqual(files)
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
