import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { PolicyFile, type PolicyReading } from './policyFile.ts'

const VALID = 'dhcp:\n  lease: 2h\n  exclude: [{ bridge: vmbr9 }]\n'
const INVALID = 'dhcp:\n  lease: soon\n'

let root: string
let config: string
let stateDir: string
let file: PolicyFile
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  config = join(root, 'guestnet.yaml')
  stateDir = join(root, 'state')
  file = restarted()
})
afterEach(() => rmSync(root, { recursive: true }))

/** What an agent that starts now has. */
function restarted(): PolicyFile {
  return new PolicyFile({ config, stateDir })
}

/** Reads the policy after its file was written, so many seconds ago. */
function readAfter(text: string, age = 60): PolicyReading {
  writeFileSync(config, text)
  const time = Date.now() / 1000 - age
  utimesSync(config, time, time)
  return file.read(true)
}

const leaseOf = ({ policy }: PolicyReading) => policy?.dhcp.lease

test('a valid file is in force', () => {
  const reading = readAfter(VALID)
  expect(reading).toMatchObject({ source: 'file', problems: [] })
  expect(leaseOf(reading)).toBe(7200)
})

test('an edit takes effect', () => {
  readAfter(VALID)
  expect(leaseOf(readAfter('dhcp: { lease: 3h }\n'))).toBe(10_800)
})

describe('without a file', () => {
  test('the defaults hold', () => {
    expect(file.read(true)).toMatchObject({ source: 'default', problems: [] })
  })

  test('any more, the defaults hold again', () => {
    readAfter(VALID)
    rmSync(config)
    const reading = file.read(true)
    expect(reading.source).toBe('default')
    expect(leaseOf(reading)).toBe(3600)
  })

  test('because its folder is not mounted, nothing is concluded', () => {
    expect(file.read(false)).toMatchObject({ source: 'none', problems: [{ code: 'policy-unreadable' }] })
    readAfter(VALID)
    rmSync(config)
    expect(leaseOf(file.read(false))).toBe(7200)
  })
})

describe('an invalid file', () => {
  test('leaves the last good policy in force, and every mistake is told each time', () => {
    readAfter(VALID)
    for (const reading of [readAfter(INVALID), file.read(true)]) {
      expect(reading).toMatchObject({
        source: 'last-good',
        problems: [{ code: 'policy-invalid', file: config, line: 2 }],
      })
      expect(leaseOf(reading)).toBe(7200)
    }
  })

  test('leaves the defaults in force if they were before', () => {
    file.read(true)
    expect(leaseOf(readAfter(INVALID))).toBe(3600)
  })

  test('that there always was leaves no policy at all', () => {
    expect(readAfter(INVALID)).toEqual({ source: 'none', problems: [expect.objectContaining({ line: 2 })] })
  })

  test('at a start leaves the policy in force that was kept', () => {
    readAfter(VALID)
    file.save()
    file = restarted()
    const reading = readAfter(INVALID)
    expect(reading.source).toBe('last-good')
    expect(leaseOf(reading)).toBe(7200)
  })

  test('is never kept', () => {
    readAfter(VALID)
    file.save()
    readAfter(INVALID)
    file.save()
    expect(readFileSync(join(stateDir, 'policy.yaml'), 'utf8')).toBe(VALID)
  })

  test('that is corrected is in force', () => {
    readAfter(INVALID)
    expect(readAfter(VALID)).toMatchObject({ source: 'file', problems: [] })
  })
})

describe('a file written in place, for a moment only the beginning of what it was,', () => {
  test.each(['', 'dhcp:\n  lease: 2h\n', 'dhcp:\n  lea'])('changes nothing: %j', beginning => {
    readAfter(VALID)
    const reading = readAfter(beginning, 0)
    expect(reading).toMatchObject({ source: 'file', problems: [], provisional: true })
    expect(reading.policy?.dhcp.exclude).toEqual([{ bridge: 'vmbr9' }])
  })

  test('counts as it is if it stays so', async () => {
    readAfter(VALID)
    expect(readAfter('dhcp:\n  lease: 2h\n').provisional).toBe(true)
    const reading = await eventually('the file is taken for whole', () => {
      const read = file.read(true)
      return !read.provisional && read
    })
    expect(reading.policy?.dhcp.exclude).toBeUndefined()
  })
})

test('a shorter file that was renamed onto the former counts at once', () => {
  readAfter(VALID)
  writeFileSync(`${config}.new`, 'dhcp:\n  lease: 2h\n')
  renameSync(`${config}.new`, config)
  const reading = file.read(true)
  expect(reading.provisional).toBeUndefined()
  expect(reading.policy?.dhcp.exclude).toBeUndefined()
})

test('a file that cannot be read leaves the last good policy in force', () => {
  readAfter(VALID)
  rmSync(config)
  mkdirSync(config)
  const reading = file.read(true)
  expect(reading).toMatchObject({ source: 'last-good', problems: [{ code: 'policy-unreadable' }] })
  expect(leaseOf(reading)).toBe(7200)
})

test('a state directory that cannot be written costs nothing but the memory', () => {
  writeFileSync(stateDir, '')
  readAfter(VALID)
  expect(() => file.save()).not.toThrow()
  expect(leaseOf(file.read(true))).toBe(7200)
})
