import { expect, test } from 'vitest'
import { prefixOf } from '../../test/routings.ts'
import type { AnnouncingReport } from '../core/report/announcing.ts'
import { announceNews } from './announceNews.ts'

const PREFIX = prefixOf('203.0.113.10/32')
const REPORT: AnnouncingReport = {
  table: 100,
  announcements: [],
  standby: [],
  rules: true,
  notForwarded: [],
  peers: [],
  drained: 'no',
  withheld: [],
}
const STANDBY = { ...REPORT, standby: [{ prefix: PREFIX, vmid: 100, port: 'tap100i0' }] }
const running = (told: boolean): AnnouncingReport => ({
  ...REPORT,
  announcements: [{ prefix: PREFIX, vmid: 100, device: 'vmbr0', route: true, neighbour: true, told }],
})
const BOTH = { ...running(true), standby: STANDBY.standby }

const news = (...[before, after]: Parameters<typeof announceNews>) =>
  announceNews(before, after).map(({ message, vmid }) => `${vmid} ${message}`)

test('a port that comes or goes is what BIRD announces or withdraws by', () => {
  expect(news(STANDBY, running(true))).toEqual([
    '100 BIRD announces 203.0.113.10/32 for guest 100: tap100i0 is up',
  ])
  expect(news(running(true), STANDBY)).toEqual([
    '100 BIRD has withdrawn 203.0.113.10/32 of guest 100: tap100i0 is gone',
  ])
})

test.each([
  ['where the agent told BIRD, which is an event of its own', REPORT, running(true)],
  ['where BIRD is not there to announce it', STANDBY, running(false)],
  ['where nothing changed', STANDBY, STANDBY],
  ['where a port goes on being waited for', BOTH, BOTH],
  [
    'of another guest',
    { ...STANDBY, standby: [{ prefix: PREFIX, vmid: 200, port: 'tap200i0' }] },
    running(true),
  ],
  ['at the first look', undefined, running(true)],
])('nothing is told %s', (_, before, after) => {
  expect(news(before, after)).toEqual([])
})
