import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FastAnnouncerFolder, folderMark } from './folder.ts'

let folder: string
let reader: FastAnnouncerFolder

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-fa-'))
  reader = new FastAnnouncerFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const contentOf = (address: string) =>
  JSON.stringify({
    ip_addresses: [{ address }],
    mac_address: '52:54:00:00:00:64',
    interface: 'vmbr0',
    table: 100,
  })

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
  // Long ago: nobody is writing it now.
  utimesSync(join(folder, name), 1, 1)
}

const addresses = () => [...reader.read(folder).files.values()].flatMap(file => file.addresses)

test('files named after guests count, and nothing else', () => {
  write('100.json', contentOf('203.0.113.10/32'))
  write('web.json', contentOf('203.0.113.11/32'))
  write('101.json.bak', contentOf('203.0.113.12/32'))
  expect(addresses()).toEqual(['203.0.113.10'])
})

test('a file with a mistake counts as it last was', () => {
  write('100.json', contentOf('203.0.113.10/32'))
  addresses()
  write('100.json', '{}')
  const reading = reader.read(folder)
  expect([...reading.files.keys()]).toEqual([100])
  expect(reading.unreadable.size).toBe(0)
  expect(reading.problems).toHaveLength(3)
  rmSync(join(folder, '100.json'))
  expect(reader.read(folder).files.size).toBe(0)
})

test('a file that was never right leaves its guest unknown', () => {
  write('100.json', '{')
  expect(reader.read(folder)).toMatchObject({ unreadable: new Set([100]), complete: true })
})

test('a folder that cannot be read is what it was, and not complete', () => {
  write('100.json', contentOf('203.0.113.10/32'))
  addresses()
  rmSync(folder, { recursive: true })
  const { files, complete, problems } = reader.read(folder)
  expect([files.size, complete]).toEqual([1, false])
  expect(problems).toMatchObject([{ code: 'fast-announcer-invalid', file: folder }])
})

test('no folder at all is complete, and forgets', () => {
  write('100.json', contentOf('203.0.113.10/32'))
  addresses()
  expect(reader.read(undefined)).toMatchObject({ files: new Map(), complete: true })
})

test('the mark changes with a file', () => {
  write('100.json', contentOf('203.0.113.10/32'))
  const before = folderMark(folder)
  expect(folderMark(folder)).toBe(before)
  writeFileSync(join(folder, '100.json'), contentOf('203.0.113.11/32'))
  expect(folderMark(folder)).not.toBe(before)
})
