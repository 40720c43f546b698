import { expect, test } from 'vitest'
import { announceObservation, linksOf, vmidOf } from '../../../test/builders.ts'
import { NO_ROUTING, prefixOf } from '../../../test/routings.ts'
import type { Announcement } from './announcement.ts'
import type { AnnounceChange } from './change.ts'
import { diffAnnouncing } from './diff.ts'

function announcement(given: Partial<Announcement> = {}): Announcement {
  return {
    prefix: prefixOf('203.0.113.10/32'),
    vmid: vmidOf(100),
    device: 'vmbr0',
    port: 'tap100i0',
    communities: [],
    since: 1_800_000_000,
    ...given,
  }
}

interface Given {
  readonly known?: readonly Announcement[]
  readonly wanted?: readonly Announcement[]
  readonly standby?: readonly Announcement[]
  readonly links?: readonly string[]
}

/** What is done about announcements where nothing else is to be done. */
function changes({ known = [], wanted = [], standby = [], links = [] }: Given): string[] {
  const config = 'the same'
  const files = () => ({ config, guests4: '', guests6: '' })
  const target = { routing: NO_ROUTING, bird: { config, announcements: wanted, standby, files } }
  const bird = {
    state: 'running' as const,
    pid: 7,
    routerId: '192.0.2.1',
    peers: [],
    files: { config, announcements: known, ownEnds: {} },
  }
  const found = diffAnnouncing(target, announceObservation({ bird }), linksOf(...links))
  return found.map(change => `${change.kind} ${prefixIn(change)}`)
}

function prefixIn(change: AnnounceChange): string {
  return 'announcement' in change ? change.announcement.prefix : ''
}

const ONE = announcement()
const UP = ['tap100i0']

test('a guest that starts or stops is nothing to tell BIRD, which follows its port', () => {
  expect(changes({ known: [ONE], wanted: [ONE], links: UP })).toEqual([])
  expect(changes({ known: [ONE], standby: [ONE] })).toEqual([])
})

test('what is new is announced, or put on standby', () => {
  expect(changes({ wanted: [ONE], links: UP })).toEqual(['announce 203.0.113.10/32'])
  expect(changes({ standby: [ONE] })).toEqual(['standby-set 203.0.113.10/32'])
})

test('of a guest whose one NIC is up and whose other is down, each is told of', () => {
  const active = [ONE]
  const waiting = announcement({ prefix: prefixOf('203.0.113.11/32'), port: 'tap100i1' })
  const told = changes({ known: active, wanted: active, standby: [waiting], links: UP })
  expect(told).toEqual(['standby-set 203.0.113.11/32'])
})

test('what is wanted no more is withdrawn, or was only on standby', () => {
  expect(changes({ known: [ONE], links: UP })).toEqual(['withdraw 203.0.113.10/32'])
  expect(changes({ known: [ONE] })).toEqual(['standby-remove 203.0.113.10/32'])
})

test('what an older guestnet announced by its device is withdrawn, whatever ports there are', () => {
  const { port: _, ...older } = ONE
  expect(changes({ known: [older] })).toEqual(['withdraw 203.0.113.10/32'])
})

test.each<[string, Partial<Announcement>]>([
  ['time', { since: 1_800_000_001 }],
  ['port, as when an older guestnet told none', { port: 'tap100i1' }],
])('what has another %s is announced anew, not withdrawn', (_, given) => {
  const told = changes({ known: [ONE], wanted: [announcement(given)], links: UP })
  expect(told).toEqual(['announce 203.0.113.10/32'])
})

test('another guest’s announcement of the same prefix comes, and the former one’s is withdrawn', () => {
  const other = announcement({ vmid: vmidOf(200), port: 'tap200i0' })
  expect(changes({ known: [ONE], wanted: [other], links: [...UP, 'tap200i0'] })).toEqual([
    'announce 203.0.113.10/32',
    'withdraw 203.0.113.10/32',
  ])
})
