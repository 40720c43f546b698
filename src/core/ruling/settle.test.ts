import { describe, expect, test } from 'vitest'
import { claim, SEEN_NOTHING } from '../../../test/builders.ts'
import { addressPlaceOf, type Claim } from './claim.ts'
import type { FoundRecord, HolderChange } from './record.ts'
import { type RulingInput, rule } from './ruling.ts'

const NOW = SEEN_NOTHING.now
const PLACE = addressPlaceOf(claim(100))
const ELSEWHERE = { node: 'pve2' }

interface Given extends Partial<RulingInput> {
  readonly here?: readonly number[]
  readonly inUse?: readonly number[]
  readonly record?: FoundRecord
}

/** What node pve1 rules of VM 101 and its clone, VM 202. */
function ruled([holder, clone]: readonly [Claim, Claim], { here = [], inUse = [], record, ...given }: Given) {
  const ruling = rule({
    claims: [holder, clone],
    node: 'pve1',
    running: new Set(),
    quorate: true,
    isHere: ({ vmid }) => here.includes(vmid),
    isInUse: ({ vmid }) => inUse.includes(vmid),
    isAnnounced: () => false,
    ...SEEN_NOTHING,
    records: new Map(record ? [[PLACE, record]] : []),
    grace: 300,
    complete: true,
    ...given,
  })
  return {
    101: ruling.refusalOf(holder)?.code ?? 'holds it',
    202: ruling.refusalOf(clone)?.code ?? 'holds it',
    written: ruling.changes.flatMap(writtenOf),
    problems: ruling.problems.map(({ code }) => code),
    ruling,
  }
}

function writtenOf(change: HolderChange): (number | string)[] {
  return change.kind === 'holder-record' ? [change.record.vmid] : ['removed']
}

const recordOf = (vmid: number, given = {}) => ({ vmid, nic: 0, node: 'pve1', since: 1, ...given })

describe('a guest that has its address in use', () => {
  test('keeps it against a clone that starts elsewhere, and it is written down here', () => {
    const seen = ruled([claim(101), claim(202, ELSEWHERE)], {
      here: [101],
      inUse: [101],
      running: new Set([202]),
    })
    expect(seen).toMatchObject({ 101: 'holds it', 202: 'held-by-another', written: [101] })
    expect(seen.problems).toEqual(['address-contested'])
  })

  test('keeps it against one of a lower number that had it here until lately', () => {
    const seen = ruled([claim(101), claim(202)], { here: [202], inUse: [101, 202] })
    expect(seen).toMatchObject({ 101: 'held-by-another', 202: 'holds it', written: [202] })
  })

  test('has been away for too long once its time is over, though it had it in use a moment later', () => {
    const record = recordOf(101)
    const seen = ruled([claim(101), claim(202)], {
      here: [202],
      inUse: [101],
      record,
      lastSeen: () => NOW - 300,
    })
    expect(seen).toMatchObject({ 101: 'held-by-another', 202: 'holds it', written: [202] })
  })

  test('is not outdone on the node where the clone starts, which writes nothing', () => {
    const seen = ruled([claim(101, ELSEWHERE), claim(202)], { here: [202], running: new Set([101]) })
    expect(seen).toMatchObject({ 202: 'held-by-another', written: [] })
  })

  test('keeps it while the cluster has no quorum and nothing can be written down', () => {
    const seen = ruled([claim(101), claim(202, ELSEWHERE)], { here: [101], inUse: [101], quorate: false })
    expect(seen).toMatchObject({ 101: 'holds it', 202: 'held-by-another', written: [] })
  })
})

describe('of two guests that start at the same time on two nodes', () => {
  test('none has the address before it is written down: each node writes down its own', () => {
    const openSince = () => NOW - 6
    const pve1 = ruled([claim(101), claim(202, ELSEWHERE)], { here: [101], openSince })
    const pve2 = ruled([claim(101), claim(202, ELSEWHERE)], { node: 'pve2', here: [202], openSince })
    expect(pve1).toMatchObject({ 101: 'not-settled', written: [101] })
    expect(pve2).toMatchObject({ 202: 'not-settled', written: [202] })
  })

  test('none writes before a guest that has it in use elsewhere can have been written down', () => {
    const claims = [claim(101, ELSEWHERE), claim(202)] as const
    expect(ruled(claims, { here: [202] })).toMatchObject({ 202: 'not-settled', written: [] })
    expect(ruled(claims, { here: [202], openSince: () => NOW - 2 }).written).toEqual([])
  })

  test.each([
    [101, 'holds it', 'held-by-another'],
    [202, 'held-by-another', 'holds it'],
  ] as const)('guest %i has it on both nodes once that is what is written', (vmid, first, second) => {
    const claims = [claim(101), claim(202, ELSEWHERE)] as const
    const record = recordOf(vmid)
    expect(ruled(claims, { here: [101], record, running: new Set([202]) })).toMatchObject({
      101: first,
      202: second,
      written: [],
    })
    expect(ruled(claims, { node: 'pve2', here: [202], record, running: new Set([101]) })).toMatchObject({
      101: first,
      202: second,
      written: [],
    })
  })

  test('none takes it while a record is being written', () => {
    const seen = ruled([claim(101), claim(202)], { here: [202], record: 'being written' })
    expect(seen).toMatchObject({ 202: 'not-settled', written: [] })
  })

  test('none gets it without a quorum, however long that takes, and it is told', () => {
    const claims = [claim(101), claim(202, ELSEWHERE)] as const
    const seen = ruled(claims, { here: [101], quorate: false, openSince: () => NOW - 900 })
    expect(seen).toMatchObject({ 101: 'no-quorum', written: [] })
  })

  test('a record that a crash left half written is replaced', () => {
    expect(ruled([claim(101), claim(202)], { here: [202], record: 'broken' }).ruling.changes).toMatchObject([
      { kind: 'holder-record', replaces: true, record: { vmid: 202 } },
    ])
  })

  test('one of them gets it although each node sees the other one run and nobody writes', () => {
    const claims = [claim(101), claim(202, ELSEWHERE)] as const
    const given = { here: [101], running: new Set([202]) }
    expect(ruled(claims, { ...given, openSince: () => NOW - 5 }).written).toEqual([])
    expect(ruled(claims, { ...given, openSince: () => NOW - 20 }).written).toEqual([101])
  })
})

describe('a holder that is away, as through a reboot,', () => {
  const claims = [claim(101), claim(202)] as const
  const away = (seconds: number) => ({
    lastSeen: (vmid: number) => (vmid === 101 ? NOW - seconds : undefined),
  })

  test('keeps what is written down for it for the time of grace', () => {
    const given = { here: [202], record: recordOf(101), ...away(60) }
    const seen = ruled(claims, given)
    expect(seen).toMatchObject({ 101: 'holds it', 202: 'held-by-another', written: [] })
    const refusal = seen.ruling.refusalOf(claims[1])
    expect(refusal?.message).toContain('keeps that until 2027-01-15 08:04:00 UTC')
    expect(refusal?.remedy).toContain('guestnet release 101')
  })

  test('loses it to one that runs afterwards', () => {
    const seen = ruled(claims, { here: [202], record: recordOf(101), ...away(301) })
    expect(seen).toMatchObject({ 202: 'holds it', written: [202] })
    expect(seen.ruling.changes).toMatchObject([{ replaces: true }])
  })

  test('loses it at once when it is asked to let go, although it was in use a moment ago', () => {
    const record = recordOf(101, { released: true })
    expect(ruled(claims, { here: [202], inUse: [101], record, ...away(5) }).written).toEqual([202])
  })

  test('has it written down anew when it comes back after it has let go, so that its next reboot does not lose it', () => {
    const record = recordOf(101, { released: true })
    const seen = ruled(claims, { here: [101], record })
    expect(seen).toMatchObject({ 101: 'holds it', written: [101] })
    expect(seen.ruling.changes).toMatchObject([{ replaces: true, record: { vmid: 101 } }])
    expect(seen.ruling.changes).not.toMatchObject([{ record: { released: true } }])
  })

  test('keeps it although nothing was written down, if it ran until lately', () => {
    const seen = ruled(claims, { here: [202], ...away(60) })
    expect(seen).toMatchObject({ 202: 'reserved-for-another', written: [] })
  })

  test('keeps it where it was in use until lately, and that is written down', () => {
    expect(ruled(claims, { here: [202], inUse: [101], ...away(60) })).toMatchObject({
      101: 'holds it',
      202: 'held-by-another',
      written: [101],
    })
  })

  test('of another node keeps it for as long as nothing tells whether it runs, unless it is asked to let go', () => {
    const elsewhere = [claim(101, ELSEWHERE), claim(202)] as const
    const given = { here: [202], running: undefined, lookingSince: NOW - 1000, openSince: () => NOW - 60 }
    expect(ruled(elsewhere, { ...given, record: recordOf(101) })).toMatchObject({
      202: 'held-by-another',
      written: [],
    })
    const released = recordOf(101, { released: true })
    expect(ruled(elsewhere, { ...given, record: released }).written).toEqual([202])
  })

  test('is given the time of grace anew by an agent that has just begun to look', () => {
    const record = recordOf(101)
    expect(ruled(claims, { here: [202], record })[202]).toBe('held-by-another')
    expect(ruled(claims, { here: [202], record, lookingSince: NOW - 301 }).written).toEqual([202])
  })
})

describe('a record', () => {
  test('of a guest that no longer claims the address counts for nothing', () => {
    const claims = [claim(101, { address: '192.0.2.77' }), claim(202)] as const
    expect(ruled(claims, { here: [202], record: recordOf(101) })).toMatchObject({ 202: 'holds it' })
  })

  test('of what nobody else wants any more is removed by the node that wrote it', () => {
    const claims = [claim(101), claim(202, { address: '192.0.2.77' })] as const
    expect(ruled(claims, { here: [101], record: recordOf(101) }).written).toEqual(['removed'])
    expect(ruled(claims, { here: [101], record: recordOf(101, ELSEWHERE) }).written).toEqual([])
  })

  test('stays while guests may be missing from what was read', () => {
    const claims = [claim(101), claim(202, { address: '192.0.2.77' })] as const
    expect(ruled(claims, { here: [101], record: recordOf(101), complete: false }).written).toEqual([])
  })
})

test('guests that are stopped wait for nothing: the lowest VMID is prepared for', () => {
  expect(ruled([claim(101), claim(202)], {})).toMatchObject({
    101: 'holds it',
    202: 'held-by-another',
    written: [],
    problems: [],
  })
})

describe('a record of a guest of another node, of which the cluster’s status does not tell yet that it runs,', () => {
  const claims = [claim(101, ELSEWHERE), claim(202)] as const
  const long = { lookingSince: NOW - 10_000, record: recordOf(101, { node: 'pve2' }), here: [202] }

  test('counts while it is new: its node wrote it because the guest runs', () => {
    const seen = ruled(claims, { ...long, recordSeen: () => undefined, openSince: () => NOW - 60 })
    expect(seen).toMatchObject({ 202: 'held-by-another', written: [] })
    expect(ruled(claims, { ...long, recordSeen: () => NOW - 299 })).toMatchObject({ 202: 'held-by-another' })
  })

  test('counts no longer once it is older than the time of grace', () => {
    const seen = ruled(claims, { ...long, recordSeen: () => NOW - 301, openSince: () => NOW - 60 })
    expect(seen).toMatchObject({ written: [202] })
  })
})
