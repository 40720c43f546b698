import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { writeAtomically } from './files.ts'
import { FileTexts } from './fileTexts.ts'

const folder = mkdtempSync(join(tmpdir(), 'guestnet-texts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'config')
let files: FileTexts
beforeEach(() => {
  files = new FileTexts()
  writeAtomically(path, 'one')
})

const textOf = () => {
  const read = files.read(path)
  return read.ok ? read.text : undefined
}

test('a file that stays is read once', () => {
  expect(files.read(path)).toBe(files.read(path))
  expect(textOf()).toBe('one')
})

test('one that is replaced, or written to, is read again', () => {
  textOf()
  writeAtomically(path, 'two')
  expect(textOf()).toBe('two')
  writeFileSync(path, 'three')
  expect(textOf()).toBe('three')
})

test('one that is gone is not remembered', () => {
  textOf()
  rmSync(path)
  expect(files.read(path)).toMatchObject({ ok: false, absent: true })
  writeAtomically(path, 'one')
  expect(textOf()).toBe('one')
})
