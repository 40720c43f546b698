import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { writeAcceptance } from '../pve/acceptance.ts'
import { digestOf, PolicyHistory } from './policyHistory.ts'
import { type Judge, PolicyInForce, type PolicyReading } from './policyInForce.ts'

const VALID = 'dhcp:\n  lease: 2h\n  exclude: [{ bridge: vmbr9 }]\n'
const INVALID = 'dhcp:\n  lease: soon\n'

let root: string
let config: string
let stateDir: string
let file: PolicyInForce
/** What is said of a policy that is to follow another. */
let judge: Judge
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  config = join(root, 'guestnet.yaml')
  stateDir = join(root, 'state')
  judge = () => undefined
  file = restarted()
})
afterEach(() => rmSync(root, { recursive: true }))

/** What an agent that starts now has. */
function restarted(): PolicyInForce {
  return new PolicyInForce({ config, stateDir, pveRoot: root })
}

function read(treeIsThere = true): PolicyReading {
  return file.read(treeIsThere, (former, next) => judge(former, next))
}

/** Reads the policy after its file was written, so many seconds ago. */
function readAfter(text: string, age = 60): PolicyReading {
  writeFileSync(config, text)
  const time = Date.now() / 1000 - age
  utimesSync(config, time, time)
  return read()
}

/** What `guestnet policy accept` writes. */
function accept(text: string | undefined, time = Date.now() + 1): void {
  writeAcceptance(root, { digest: digestOf(text), time })
}

const leaseOf = ({ inForce }: PolicyReading) => inForce?.policy.dhcp.lease

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
    expect(read()).toMatchObject({ source: 'default', problems: [] })
  })

  test('any more, what it said stays in force until that is accepted', () => {
    readAfter(VALID)
    rmSync(config)
    const reading = read()
    expect(reading).toMatchObject({ source: 'waiting', problems: [{ code: 'policy-missing', file: config }] })
    expect(leaseOf(reading)).toBe(7200)
    accept(undefined)
    expect(read()).toMatchObject({ source: 'default', problems: [] })
  })

  test('any more for an agent that was down meanwhile, likewise', () => {
    readAfter(VALID)
    file.save()
    rmSync(config)
    file = restarted()
    expect(leaseOf(read())).toBe(7200)
    expect(read().source).toBe('waiting')
  })

  test('because its folder is not mounted, nothing is concluded', () => {
    expect(read(false)).toMatchObject({ source: 'none', problems: [{ code: 'policy-unreadable' }] })
    readAfter(VALID)
    rmSync(config)
    expect(leaseOf(read(false))).toBe(7200)
  })
})

describe('an invalid file', () => {
  test('leaves the last good policy in force, and every mistake is told each time', () => {
    readAfter(VALID)
    for (const reading of [readAfter(INVALID), read()]) {
      expect(reading).toMatchObject({
        source: 'last-good',
        problems: [{ code: 'policy-invalid', file: config, line: 2 }],
      })
      expect(leaseOf(reading)).toBe(7200)
    }
  })

  test('leaves the defaults in force if they were before', () => {
    read()
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
    expect(new PolicyHistory({ stateDir }).read().map(({ text }) => text)).toEqual([VALID])
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
    expect(reading.inForce?.policy.dhcp.exclude).toEqual([{ bridge: 'vmbr9' }])
  })

  test('counts as it is if it stays so', async () => {
    readAfter(VALID)
    expect(readAfter('dhcp:\n  lease: 2h\n').provisional).toBe(true)
    const reading = await eventually('the file is taken for whole', () => {
      const now = read()
      return !now.provisional && now
    })
    expect(reading.inForce?.policy.dhcp.exclude).toBeUndefined()
  })
})

test('a shorter file that was renamed onto the former counts at once', () => {
  readAfter(VALID)
  writeFileSync(`${config}.new`, 'dhcp:\n  lease: 2h\n')
  renameSync(`${config}.new`, config)
  const reading = read()
  expect(reading.provisional).toBeUndefined()
  expect(reading.inForce?.policy.dhcp.exclude).toBeUndefined()
})

test('a file that cannot be read leaves the last good policy in force', () => {
  readAfter(VALID)
  rmSync(config)
  mkdirSync(config)
  const reading = read()
  expect(reading).toMatchObject({ source: 'last-good', problems: [{ code: 'policy-unreadable' }] })
  expect(leaseOf(reading)).toBe(7200)
})

test('a state directory that cannot be written costs nothing but the memory', () => {
  writeFileSync(stateDir, '')
  readAfter(VALID)
  expect(() => file.save()).not.toThrow()
  expect(leaseOf(read())).toBe(7200)
})

describe('a policy that takes too much away', () => {
  const HARMFUL = 'dhcp: { enabled: false }\n'
  const MILD = 'dhcp: { lease: 2h, exclude: [{ bridge: vmbr9 }, { bridge: vmbr8 }] }\n'
  beforeEach(() => {
    judge = (_, { text }) => (text === HARMFUL ? 'it stops serving everybody' : undefined)
    readAfter(VALID)
  })

  test('waits, and says why', () => {
    const reading = readAfter(HARMFUL)
    expect(reading.source).toBe('waiting')
    expect(reading.problems[0]).toMatchObject({
      code: 'policy-waiting',
      message: expect.stringContaining('because it stops serving everybody'),
      file: config,
    })
    expect(leaseOf(reading)).toBe(7200)
  })

  test('is judged once, and again by the next agent, which knows the policy before from its history', () => {
    let judged = 0
    const harsh = judge
    judge = (former, next) => {
      judged += 1
      return harsh(former, next)
    }
    file.save()
    for (const _ of [1, 2]) expect(readAfter(HARMFUL).source).toBe('waiting')
    expect(judged).toBe(1)
    file = restarted()
    expect(leaseOf(read())).toBe(7200)
    expect(judged).toBe(2)
  })

  test('waits no longer once it is accepted, and is then what others are judged by', () => {
    readAfter(HARMFUL)
    accept(HARMFUL)
    expect(read()).toMatchObject({ source: 'file', problems: [], inForce: { digest: digestOf(HARMFUL) } })
    file.save()
    file = restarted()
    judge = () => 'never'
    expect(read()).toMatchObject({ source: 'file', problems: [] })
  })

  test('waits no longer once the file is what it was', () => {
    readAfter(HARMFUL)
    expect(readAfter(VALID)).toMatchObject({ source: 'file', problems: [] })
  })

  test('is accepted as it is: another one waits all the same', () => {
    accept(VALID)
    expect(readAfter(HARMFUL).source).toBe('waiting')
  })

  test('is accepted once: if another one was in force meanwhile, it waits again', () => {
    readAfter(HARMFUL)
    accept(HARMFUL)
    read()
    expect(readAfter(MILD).source).toBe('file')
    expect(readAfter(HARMFUL).source).toBe('waiting')
  })

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('is accepted on a node whose clock is an hour %s', (_, offset) => {
    readAfter(HARMFUL)
    accept(HARMFUL, Date.now() + offset)
    expect(read()).toMatchObject({ source: 'file', inForce: { digest: digestOf(HARMFUL) } })
    readAfter(MILD)
    file.save()
    file = restarted()
    expect(readAfter(HARMFUL).source).toBe('waiting')
    accept(HARMFUL, Date.now() + offset + 1)
    expect(read().source).toBe('file')
  })

  test('waits while what it would take away cannot be told, and that is looked at again', () => {
    judge = () => 'unknown'
    expect(readAfter(HARMFUL)).toMatchObject({ source: 'waiting', problems: [], provisional: true })
    judge = () => undefined
    expect(read()).toMatchObject({ source: 'file' })
  })
})

test('of two policies the later one is in force after a restart, although the clock was set back meanwhile', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    readAfter(VALID)
    file.save()
    vi.setSystemTime(Date.now() - 7_200_000)
    readAfter('dhcp: { lease: 3h }\n')
    file.save()
    file = restarted()
    expect(leaseOf(readAfter(INVALID))).toBe(10_800)
  } finally {
    vi.useRealTimers()
  }
})

test('the first policy that is ever read is in force, whatever it says', () => {
  judge = () => 'never'
  expect(readAfter(VALID).source).toBe('file')
})

test('policies that were in force are kept as they were written, the newest first, and twenty at most', () => {
  for (let minutes = 1; minutes <= 25; minutes += 1) {
    const text = `dhcp: { lease: ${minutes}m }\n`
    new PolicyHistory({ stateDir }).add({ since: minutes * 60_000, digest: digestOf(text), text })
  }
  const kept = new PolicyHistory({ stateDir }).read()
  expect(kept.map(({ since }) => since / 60_000)).toEqual(
    Array.from({ length: 20 }, (_, index) => 25 - index),
  )
  expect(kept[0]?.text).toBe('dhcp: { lease: 25m }\n')
  expect(statSync(kept[0]?.path ?? '').mode & 0o777).toBe(0o600)
})
