import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import { vmidOf } from '../../../test/builders.ts'
import {
  ConfigCache,
  type ConfigFile,
  configFile,
  knowGuest,
  listConfigFiles,
  listNodes,
  signatureOf,
  stampOf,
} from './configFiles.ts'

const TEXT = 'name: web\nnet0: virtio=52:54:00:9E:CC:1E,bridge=vmbr0\nipconfig0: ip=192.0.2.5/24\n'

let root: string
let file: ConfigFile
let cache: ConfigCache
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  file = configFile(root, 'pve1', 'qemu', vmidOf(100))
  cache = new ConfigCache()
  mkdirSync(dirname(file.path), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

/** Writes the guest's file, so many seconds ago. */
function write(content: string | Buffer, age = 0): void {
  writeFileSync(file.path, content)
  const time = Date.now() / 1000 - age
  utimesSync(file.path, time, time)
}

/** What the cache makes of the file now: the guest's name and whether the file is readable. */
function read(signature?: string) {
  const { known, intact } = cache.read(file, signature)
  return { name: known?.guest.name, nics: known?.guest.nics.length, intact }
}

const GUEST = { name: 'web', nics: 1 }

test('a guest is read from its file, and says which one that was', () => {
  write(TEXT)
  expect(read()).toEqual({ ...GUEST, intact: true })
  expect(cache.read(file, undefined).known?.guest).toMatchObject({ vmid: 100, node: 'pve1', file: file.path })
})

describe('a guest stays what it was while its file', () => {
  beforeEach(() => {
    write(TEXT)
    read()
  })

  test.each<[string, string | Buffer]>([
    ['is empty', ''],
    ['is blank', '\n \n'],
    ['holds zeros', Buffer.concat([Buffer.from(TEXT), Buffer.alloc(4096)])],
    ['is binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xfe, 0x80])],
    ['is written from its beginning', TEXT.slice(0, 20)],
  ])('%s', (_, content) => {
    write(content)
    expect(read()).toEqual({ ...GUEST, intact: false })
  })

  test('is gone', () => {
    rmSync(file.path)
    expect(read()).toEqual({ ...GUEST, intact: false })
  })
})

describe('a change is taken at once, or soon, where', () => {
  beforeEach(() => {
    write(TEXT)
    read()
  })

  test('the file grew', () => {
    write(`${TEXT}net1: virtio=52:54:00:9E:CC:1F,bridge=vmbr0\n`)
    expect(read()).toEqual({ name: 'web', nics: 2, intact: true })
  })

  test('another value holds control characters', () => {
    write(`${TEXT.replace('web', 'www')}tags: \x1b[31m\x7f\n`)
    expect(read()).toEqual({ name: 'www', nics: 1, intact: true })
  })

  test('the file is as long but another one', () => {
    write(TEXT.replace('web', 'www'))
    expect(read()).toEqual({ name: 'www', nics: 1, intact: true })
  })

  test('another file that lacks its end was renamed onto it, as Proxmox writes', () => {
    const temporary = `${file.path}.tmp.1`
    writeFileSync(temporary, 'name: web\n')
    renameSync(temporary, file.path)
    expect(read()).toEqual({ name: 'web', nics: 0, intact: true })
  })

  test('the file lost its end and stays so', async () => {
    write('name: web\n')
    expect(read()).toEqual({ ...GUEST, intact: false })
    await eventually('the file is taken for whole', () => read().intact)
    expect(read()).toEqual({ name: 'web', nics: 0, intact: true })
  })
})

test('a guest whose file was never readable is not known', () => {
  write('')
  expect(read()).toEqual({ name: undefined, nics: undefined, intact: false })
})

describe('a file is', () => {
  test('not read again while its signature is the same', () => {
    write(TEXT)
    read('1')
    write(TEXT.replace('web', 'www'))
    expect(read('1').name).toBe('web')
    expect(read('2').name).toBe('www')
  })

  test('read again where nothing tells whether it changed', () => {
    write(TEXT)
    read()
    write(TEXT.replace('web', 'www'))
    expect(read().name).toBe('www')
  })

  test('read again from another place, whatever its signature', () => {
    write(TEXT)
    read('1')
    file = configFile(root, 'pve2', 'qemu', vmidOf(100))
    mkdirSync(dirname(file.path), { recursive: true })
    write(TEXT.replace('web', 'www'))
    expect(read('1').name).toBe('www')
  })

  test('read again after it was unreadable, whatever its signature', () => {
    write(TEXT)
    read('1')
    write('')
    read('2')
    write(TEXT.replace('web', 'www'))
    expect(read('2')).toEqual({ name: 'www', nics: 1, intact: true })
  })
})

test('a file at which reading goes wrong is told of, and its guest stays what it was', () => {
  let isBroken = false
  cache = new ConfigCache((of, text) => {
    if (isBroken) throw new RangeError('too much of it')
    return knowGuest(of, text)
  })
  write(TEXT)
  read()
  isBroken = true
  write(`${TEXT}memory: 512\n`)
  expect(read()).toEqual({ ...GUEST, intact: false })
  expect(cache.read(file, undefined).failure).toMatchObject({ code: 'guest-failed', vmid: 100 })
})

test('of the problems in a guest’s file a handful is kept', () => {
  write(TEXT + 'nonsense: 1\n'.repeat(10_000))
  const { problems = [] } = cache.read(file, undefined).known?.guest ?? {}
  expect(problems.length).toBeLessThan(10)
  expect(problems.at(-1)?.code).toBe('more-problems')
})

test('a guest that no longer exists is forgotten', () => {
  write(TEXT)
  read()
  cache.keepOnly(new Set())
  write('')
  expect(read().name).toBeUndefined()
})

describe('a signature', () => {
  test('is the same while the file is', () => {
    write(TEXT, 60)
    expect(signatureOf(file.path)).toBe(signatureOf(file.path))
    expect(signatureOf(file.path)).toBeDefined()
  })

  test('differs with the file’s time and size', () => {
    write(TEXT, 60)
    const before = [signatureOf(file.path), stampOf(file.path)]
    write(TEXT, 50)
    expect([signatureOf(file.path), stampOf(file.path)]).not.toEqual(before)
    write(`${TEXT}\n`, 60)
    expect([signatureOf(file.path), stampOf(file.path)]).not.toEqual(before)
  })

  test('of a fresh file is not trusted: it may change again within the same second', () => {
    write(TEXT, 1)
    expect(signatureOf(file.path)).toBeUndefined()
  })

  test('of a file that is not there is none', () => {
    expect(signatureOf(file.path)).toBeUndefined()
    expect(stampOf(file.path)).toBe('')
  })
})

test('only guests’ files are listed, not what Proxmox puts beside them', () => {
  for (const name of ['100.conf', '100.conf.tmp.4711', '099.conf', 'notes.conf', '0.conf']) {
    writeFileSync(join(dirname(file.path), name), TEXT)
  }
  expect(listNodes(root)).toEqual(['pve1'])
  expect(listConfigFiles(root, 'pve1')).toEqual([file])
  expect(listConfigFiles(root, 'pve2')).toEqual([])
})
