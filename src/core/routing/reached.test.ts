import { expect, test } from 'vitest'
import { markedRoute, NOTHING_OBSERVED, neighbourAt, prefixOf, routeTo } from '../../../test/routings.ts'
import { reachedNeighbours } from './reached.ts'

const ENTRY = { ...neighbourAt('203.0.113.1', '52:54:00:00:00:01'), marked: true }
const WAY = markedRoute(routeTo('203.0.113.1/32'))
const HOLE = markedRoute({ prefix: prefixOf('203.0.113.1/32') })

test.each([
  ['that a route leads to', [ENTRY], [WAY], 1],
  ['that is black-holed', [ENTRY], [HOLE], 1],
  ['on standby', [ENTRY], [], 0],
  ['of another device than the route’s', [ENTRY], [markedRoute(routeTo('203.0.113.1/32', 'vmbr1'))], 0],
  ['of somebody else', [{ ...ENTRY, marked: false }], [WAY], 0],
])('an entry %s', (_, neighbours, routes, count) => {
  expect(reachedNeighbours({ ...NOTHING_OBSERVED, neighbours, routes })).toHaveLength(count)
})
