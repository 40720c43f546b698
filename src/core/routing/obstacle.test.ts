import { expect, test } from 'vitest'
import { macOf } from '../../../test/builders.ts'
import { NO_ROUTING, NOTHING_OBSERVED, neighbourAt, prefixOf, routeTo } from '../../../test/routings.ts'
import { describeObstacle, findObstacles } from './obstacle.ts'

const prefix = prefixOf('203.0.113.1/32')
const wanted = {
  ...NO_ROUTING,
  routes: [routeTo('203.0.113.1/32')],
  neighbours: [neighbourAt('203.0.113.1', '52:54:00:9e:00:64')],
}
const told = (observed: Partial<typeof NOTHING_OBSERVED>) =>
  findObstacles(wanted, { ...NOTHING_OBSERVED, ...observed }).map(found => describeObstacle(found))

test('a better route of somebody else’s is in the way', () => {
  expect(told({ foreign: [{ table: 100, prefix, metric: 0, protocol: 4 }] })).toEqual([
    "table 100 has a route to 203.0.113.1/32 that is not guestnet's (protocol 4, metric 0): remove it, or give guestnet another table",
  ])
})

test('one in another table is not', () => {
  expect(told({ foreign: [{ table: 101, prefix, metric: 0, protocol: 4 }] })).toEqual([])
})

test('a worse one is not', () => {
  expect(told({ foreign: [{ table: 100, prefix, metric: 32, protocol: 12 }] })).toEqual([])
})

test('a permanent neighbour of somebody else’s is in the way if it has another MAC', () => {
  const [neighbour] = wanted.neighbours.map(entry => ({ ...entry, marked: false }))
  const other = macOf('52:54:00:00:00:01')
  expect(told({ neighbours: neighbour ? [neighbour] : [] })).toEqual([])
  expect(told({ neighbours: neighbour ? [{ ...neighbour, mac: other }] : [] })).toEqual([
    'vmbr0 has a permanent neighbour entry for 203.0.113.1 that is not guestnet\'s and names 52:54:00:00:00:01: remove it with "ip neighbour del 203.0.113.1 dev vmbr0"',
  ])
})
