import { beforeEach, describe, expect, test } from 'vitest'
import { ipv4, offer } from '../../test/builders.ts'
import type { Change } from '../core/change.ts'
import type { Lease } from '../core/dhcp/lease.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { TimelineEvent } from './event.ts'
import { Timeline } from './timeline.ts'

const OFFER = offer(100)
const SERVE: Change = {
  kind: 'port-serve',
  port: { link: OFFER.link, ifindex: 2, services: [{ kind: 'dhcp', server: 'dhcp4-1', offer: OFFER }] },
  stale: { chain: false, elements: [] },
}
const PROBLEM: Problem = { code: 'mac-missing', message: 'VM 100 has no MAC.', vmid: 100 }
const LEASE: Lease = { address: ipv4('192.0.2.100'), mac: OFFER.mac, since: 1000, expires: 4600 }

let told: TimelineEvent[]
let timeline: Timeline
beforeEach(() => {
  told = []
  timeline = new Timeline([], () => 42)
  timeline.listen(event => told.push(event))
})

const messages = () => told.map(({ kind, message }) => `${kind}: ${message}`)

test('what is told is also kept, with its time', () => {
  timeline.note('agent', 'started', 100)
  expect(told).toEqual([{ time: 42, kind: 'agent', message: 'started', vmid: 100 }])
  expect(timeline.events).toEqual(told)
})

test('what an earlier agent noted comes first, and is not told again', () => {
  const former: TimelineEvent = { time: 1, kind: 'agent', message: 'started' }
  const next = new Timeline([former], () => 42)
  next.listen(event => told.push(event))
  next.note('agent', 'started again')
  expect(next.events.map(({ message }) => message)).toEqual(['started', 'started again'])
  expect(told.map(({ message }) => message)).toEqual(['started again'])
})

test('who has stopped listening is told nothing more', () => {
  const late: TimelineEvent[] = []
  const end = timeline.listen(event => late.push(event))
  timeline.note('agent', 'first')
  end()
  timeline.note('agent', 'second')
  expect(late.map(({ message }) => message)).toEqual(['first'])
})

test('only the newest events are kept', () => {
  for (let count = 0; count < 5000; count++) timeline.note('agent', String(count))
  expect(timeline.events.length).toBeLessThanOrEqual(1000)
  expect(timeline.events.length).toBeGreaterThanOrEqual(800)
  expect(timeline.events.at(-1)?.message).toBe('4999')
})

describe('a guest of which there is more than its share', () => {
  let now = 0
  beforeEach(() => {
    now = 0
    timeline = new Timeline([], Date.now, () => now)
    timeline.listen(event => told.push(event))
  })

  test('leaves the events of others in the timeline', () => {
    timeline.note('lease', 'VM 101 net0 leased 192.0.2.101', 101)
    for (let edit = 0; edit < 100_000; edit++) timeline.note('problem', `number ${edit}`, 666)
    expect(timeline.events.some(({ vmid }) => vmid === 101)).toBe(true)
    expect(timeline.events.length).toBeLessThan(200)
  })

  test('is told of again later, with how much was left out', () => {
    for (let edit = 0; edit < 150; edit++) timeline.note('problem', `number ${edit}`, 666)
    now += 60_000
    timeline.note('problem', 'the next', 666)
    expect(messages().slice(-2)).toEqual([
      'problem: 50 events more of guest 666 were left out',
      'problem: the next',
    ])
  })

  test('cannot do the same by the servers that its edits make change', () => {
    timeline.note('lease', 'VM 101 net0 leased 192.0.2.101', 101)
    const change: Change = { kind: 'server-start', server: 'dhcp4-1', slot: 2, config: '', offers: [] }
    for (let edit = 0; edit < 5000; edit++) timeline.noteChanges([{ change }])
    expect(timeline.events.some(({ vmid }) => vmid === 101)).toBe(true)
  })
})

test('changes that came about are told, with the guest they are about; failed ones are problems, not changes', () => {
  timeline.noteChanges([{ change: SERVE }, { change: { kind: 'table-create' }, failure: 'nft is gone' }])
  expect(told).toMatchObject([{ kind: 'change', vmid: 100 }])
})

test('changes are told by what they are about', () => {
  timeline.noteChanges([{ change: { kind: 'bird-start' } }, { change: { kind: 'server-retire', slot: 1 } }])
  expect(messages()).toEqual(['daemon: start BIRD', 'daemon: remove the files of a dead Kea in namespace 1'])
})

describe('a problem is told', () => {
  test('when it appears and when it is gone, not while it lasts', () => {
    for (const problems of [[PROBLEM], [PROBLEM], [{ ...PROBLEM }], [], []]) timeline.noteProblems(problems)
    expect(told.map(({ kind }) => kind)).toEqual(['problem', 'solved'])
    expect(told.map(({ vmid }) => vmid)).toEqual([100, 100])
  })

  test('again when it comes back', () => {
    for (const problems of [[PROBLEM], [], [PROBLEM]]) timeline.noteProblems(problems)
    expect(told.map(({ kind }) => kind)).toEqual(['problem', 'solved', 'problem'])
  })
})

describe('a lease is told', () => {
  const nameOf = ({ mac }: Lease) => (mac === OFFER.mac ? { name: 'VM 100 net0', vmid: 100 } : undefined)
  const note = (...leases: Lease[]) => timeline.noteLeases(leases, nameOf)

  test('when it is given and when it is renewed, not in between', () => {
    note(LEASE)
    note(LEASE)
    note({ ...LEASE, since: 2000 })
    expect(messages()).toEqual([
      'lease: VM 100 net0 leased 192.0.2.100',
      'lease: VM 100 net0 renewed 192.0.2.100',
    ])
  })

  test('as a new one where the address is another', () => {
    note(LEASE)
    note({ ...LEASE, address: ipv4('192.0.2.77'), since: 2000 })
    expect(messages()[1]).toBe('lease: VM 100 net0 leased 192.0.2.77')
  })

  test('of a stranger by its MAC address', () => {
    const stranger = offer(101)
    note({ ...LEASE, mac: stranger.mac })
    expect(messages()).toEqual([`lease: ${stranger.mac} leased 192.0.2.100`])
  })

  test('not if it was known from before', () => {
    timeline.rememberLeases([LEASE])
    note(LEASE)
    expect(told).toEqual([])
  })
})
