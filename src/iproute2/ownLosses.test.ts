import { beforeEach, expect, test } from 'vitest'
import type { RoutingChange } from '../core/routing/change.ts'
import type { Address, Prefix } from '../core/values/address.ts'
import { OwnLosses } from './ownLosses.ts'

const removal = (prefix: string): RoutingChange => ({
  kind: 'route-remove',
  route: { table: 100, prefix: prefix as Prefix, metric: 1 },
})
const NEIGHBOUR: RoutingChange = {
  kind: 'neighbour-remove',
  neighbour: { address: '203.0.113.10' as Address, device: 'vmbr0' },
}

let losses: OwnLosses
beforeEach(() => {
  losses = new OwnLosses()
})

test.each([
  ['203.0.113.10/32', 'Deleted 203.0.113.10 dev vmbr0 table 100 proto 103 scope link '],
  ['203.0.113.0/28', 'Deleted 203.0.113.0/28 via 203.0.113.10 dev vmbr0 table 100 proto 103 onlink '],
  ['2001:db8::5/128', 'Deleted 2001:db8::5 dev vmbr0 table 100 proto 103 metric 1 pref medium'],
  ['203.0.113.10/32', 'Deleted 6 203.0.113.10 table 100 proto 103 metric 1 '],
  ['203.0.113.10/32', 'Deleted blackhole 203.0.113.10 table 100 proto 103 metric 1 '],
])('the removal of the route to %s is told as: %s', (prefix, line) => {
  losses.expect([removal(prefix)])
  expect(losses.takes(line)).toBe(true)
  expect(losses.takes(line)).toBe(false)
})

test.each([
  'Deleted 203.0.113.10 dev vmbr0 FAILED proto 103 ',
  'Deleted 203.0.113.10 dev vmbr0 lladdr 52:54:00:00:00:64 PERMANENT proto 103 ',
])('a neighbour and a route to it are two things: %s', line => {
  losses.expect([NEIGHBOUR])
  expect(losses.takes('Deleted 203.0.113.10 dev vmbr0 table 100 proto 103 scope link ')).toBe(false)
  expect(losses.takes(line)).toBe(true)
  expect(losses.takes(line)).toBe(false)
})

test('what nobody here took away is somebody else’s doing', () => {
  losses.expect([removal('203.0.113.11/32')])
  expect(losses.takes('Deleted 203.0.113.10 dev vmbr0 table 100 proto 103 scope link ')).toBe(false)
  expect(losses.takes('Deleted 5100:\tfrom all lookup 100 suppress_prefixlength 0 proto 103')).toBe(false)
})
