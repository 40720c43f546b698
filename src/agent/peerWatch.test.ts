import { expect, test } from 'vitest'
import { PeerWatch } from './peerWatch.ts'

const session = (isUp: boolean, error?: string) => ({
  peer: 'rtr01',
  protocol: 'peer_rtr01',
  isUp,
  bgpState: isUp ? 'Established' : 'Active',
  since: '2026-11-21 19:29:18',
  ...(error !== undefined && { error }),
})

test('a session that goes down and comes up again is news, once each', () => {
  const watch = new PeerWatch()
  const told = [
    [session(false)],
    [session(true)],
    [session(true)],
    [session(false, 'Hold timer expired')],
    [session(false, 'Socket: Connection refused')],
    [session(true)],
  ].map((peers, now) => watch.note(peers, now))
  expect(told).toEqual([
    [],
    [{ peer: 'rtr01', isUp: true }],
    [],
    [{ peer: 'rtr01', isUp: false, error: 'Hold timer expired' }],
    [],
    [{ peer: 'rtr01', isUp: true }],
  ])
})

test('a peer is down since it went down, however often BIRD tries', () => {
  const watch = new PeerWatch()
  for (const now of [7, 8, 9]) watch.note([session(false)], now)
  expect(watch.downSince('rtr01')).toBe(7)
  watch.note([session(true)], 10)
  expect(watch.downSince('rtr01')).toBeUndefined()
})

test('with BIRD itself all its sessions are down', () => {
  const watch = new PeerWatch()
  watch.note([session(true)], 1)
  expect(watch.note([], 2)).toEqual([{ peer: 'rtr01', isUp: false }])
})

test('a peer that is taken from the policy is forgotten', () => {
  const watch = new PeerWatch()
  watch.note([session(true)], 1)
  watch.keepOnly(new Set())
  expect(watch.note([], 2)).toEqual([])
})
