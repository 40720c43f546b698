import { describe, expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import { seenOf, servedRow } from '../../../test/seen.ts'
import type { Problem } from '../../core/problem/problem.ts'
import type { Prefix } from '../../core/values/address.ts'
import { figuresOf, problemGroups, verdictOf } from './verdict.ts'

const problem = (code: Problem['code'], more: Partial<Problem> = {}): Problem => ({
  code,
  message: `about ${code}`,
  ...more,
})
const GUESTS = [100, 101, 102].map(vmid => vm(vmid, [{ ip: `192.0.2.${vmid}/24` }]))

describe('the verdict', () => {
  test.each([
    ['good', 'All is well', []],
    ['warning', '1 problem', [problem('clock-ahead')]],
    ['critical', '2 problems', [problem('clock-ahead'), problem('kea-down')]],
  ])('is %s', (gravity, headline, problems) => {
    expect(verdictOf(seenOf(GUESTS, { problems }).status)).toEqual({ gravity, headline, notes: [] })
  })

  test('says what is in force where that is not what is written', () => {
    const { notes } = verdictOf(seenOf(GUESTS, { policy: 'last-good', complete: false }).status)
    expect(notes.join(' ')).toMatch(/last good one is in force.*could not be read whole/)
  })
})

test('the verdict tells of a few black holes, and how many more there are', () => {
  const announcements = [1, 2, 3, 4, 5].map(host => ({
    prefix: `192.0.2.${host}/32` as Prefix,
    vmid: 100 + host,
    device: 'vmbr0',
    blackhole: 0,
    route: true,
    neighbour: true,
  }))
  const announcing = {
    ...{ table: 100, announcements, rules: true, notForwarded: [], peers: [], standby: [], withheld: [] },
    drained: 'no' as const,
  }
  const { notes } = verdictOf(seenOf([], { announcing }).status)
  expect(notes).toHaveLength(4)
  expect(notes[0]).toBe(
    'Black hole: what is sent to 192.0.2.1/32 of guest 101 is dropped until 1970-01-01 00:00:00 UTC.',
  )
  expect(notes.at(-1)).toBe('And 2 more black holes.')
})

describe('problems', () => {
  test('come the worst first, each kind together', () => {
    const groups = problemGroups([
      problem('config-key-unknown', { vmid: 100 }),
      problem('kea-down'),
      problem('config-key-unknown', { vmid: 101 }),
    ])
    expect(groups.map(({ code, gravity, problems }) => [code, gravity, problems.length])).toEqual([
      ['kea-down', 'critical', 1],
      ['config-key-unknown', 'warning', 2],
    ])
  })

  test('say once what is to be done where that is the same, and at the last', () => {
    const same = [1, 2].map(vmid => problem('mac-missing', { vmid, remedy: 'Set one.' }))
    expect(problemGroups(same)[0]?.problems.map(({ remedy }) => remedy)).toEqual([undefined, 'Set one.'])
    const different = [1, 2].map(vmid => problem('mac-missing', { vmid, remedy: `Set ${vmid}.` }))
    expect(problemGroups(different)[0]?.problems.map(({ remedy }) => remedy)).toEqual(['Set 1.', 'Set 2.'])
  })

  test('say where and since when', () => {
    const [group] = problemGroups([problem('kea-down', { file: 'a.conf', line: 3, since: 5 })])
    expect(group?.problems[0]).toMatchObject({ where: 'a.conf:3', since: 5 })
  })
})

test('figures count what should be and what is', () => {
  const { lease: _, ...unleased } = servedRow(101)
  const { status } = seenOf(GUESTS, {
    nics: [servedRow(100), unleased, { ...unleased, vmid: 102, state: 'stopped' }],
  })
  expect(figuresOf(status)).toEqual([
    { label: 'addresses served', value: 2, of: 2 },
    { label: 'leases taken', value: 1 },
  ])
})
