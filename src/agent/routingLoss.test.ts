import { describe, expect, test } from 'vitest'
import { routingLossOf } from './routingLoss.ts'

describe('as ip-monitor(8) tells it', () => {
  test.each([
    ['Deleted 203.0.113.10 dev vmbr0 table 100 proto 103 scope link '],
    ['Deleted 203.0.113.10 dev vmbr0 lladdr 52:54:00:00:00:64 PERMANENT proto 103 '],
    ['Deleted 203.0.113.10 dev vmbr0 lladdr 52:54:00:00:00:64 PERMANENT '],
    ['Deleted 5100:\tfrom all lookup 100 suppress_prefixlength 0 proto 103'],
    [
      'Deleted 7: vmbr0    inet 172.31.1.1/32 scope 0 proto 103 vmbr0\\       valid_lft forever preferred_lft forever',
    ],
  ])('%s is a loss', line => {
    expect(routingLossOf(100)(line, false)).toBe(true)
  })

  test.each([
    ['203.0.113.10 dev vmbr0 table 100 proto 103 scope link '],
    ['Deleted dev tap100i0 lladdr ce:79:83:b7:e7:17 PERMANENT '],
    ['Deleted 192.0.2.0/24 dev vmbr1 table 1000 proto 2 scope link '],
    ['Deleted 192.0.2.7 dev vmbr1 lladdr 52:54:00:00:00:65 STALE '],
    ['Deleted fe80::/64 dev tap100i0 proto 2 metric 256 pref medium'],
    ['Deleted 203.0.113.10 dev vmbr0 table 100 proto 12 scope link metric 32 '],
  ])('%s is none', line => {
    expect(routingLossOf(100)(line, false)).toBe(false)
  })

  test('what BIRD takes away is one while the table is somebody else’s', () => {
    const line = 'Deleted 203.0.113.10 dev vmbr0 table 100 proto 12 scope link metric 32 '
    expect(routingLossOf(100)(line, true)).toBe(true)
  })
})
