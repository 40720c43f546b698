import { describe, expect, test } from 'vitest'
import { prefixOf } from '../../test/routings.ts'
import type { Bird } from '../bird/daemon.ts'
import { AnnouncePolicy } from '../core/policy/announce.ts'
import { BgpPolicy } from '../core/policy/bgp.ts'
import { checkPort, checkTable, checkWayOut } from './announcing.ts'

describe('TCP port 179', () => {
  const frr = { program: 'bgpd', pid: 77 }
  const own = (more: object = {}) =>
    BgpPolicy.parse({ as: 65001, peers: [{ name: 'rtr01', as: 65000, interface: 'up0' }], ...more })

  test.each([
    ['free', own(), undefined, 'good'],
    ['taken, so BIRD listens elsewhere', own(), frr, 'doubtful'],
    ['taken, and no matter', own({ localPort: 1179 }), frr, 'good'],
    ['taken, though wanted', own({ localPort: 179 }), frr, 'bad'],
    ['the administrator’s daemon’s', BgpPolicy.parse('external'), frr, 'good'],
    ['nobody’s, though a daemon should run', BgpPolicy.parse('external'), undefined, 'doubtful'],
  ])('is %s', (_, bgp, holder, state) => expect(checkPort(bgp, holder).state).toBe(state))
})

const foreignOf = (protocols: readonly number[]) =>
  protocols.map(protocol => ({ table: 100, prefix: prefixOf('0.0.0.0/0'), metric: 32, protocol }))

test.each([
  ['nothing', [], false, 'good'],
  ['what guestnet’s BIRD learned', [12], true, 'good'],
  ['what another BIRD put there', [12], false, 'bad'],
  ['an administrator’s own route', [4], true, 'doubtful'],
])('the table with %s', (_, protocols, isOurs, state) => {
  expect(checkTable(100, foreignOf(protocols), isOurs).state).toBe(state)
  expect(checkTable(101, foreignOf(protocols), isOurs).state).toBe('good')
})

describe('the guests’ way out', () => {
  const policy = AnnouncePolicy.parse({
    table: 99,
    networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24'] }],
  })
  const birdWith = (imported: number): Bird => ({
    state: 'running',
    ...{ pid: 7, version: '2.0.12', routerId: '192.0.2.1', startedAt: '', revision: '' },
    peers: [
      {
        ...{ peer: 'rtr01', protocol: 'peer_rtr01', isUp: true, bgpState: 'Established', since: '' },
        channels: [
          { family: 'ipv4', imported, exported: 0 },
          { family: 'ipv6', imported: 1, exported: 0 },
        ],
      },
    ],
  })

  test.each([
    ['as learned', 1, [12], 'good: is the default route in table 100'],
    ['learned, and refused by the kernel', 1, [], 'bad: is missing: BIRD has learned a default route'],
    ['not learned', 0, [], "good: is the node's own"],
  ])('%s', (_, imported, protocols, told) => {
    const [check, ...more] = checkWayOut(policy, foreignOf(protocols), birdWith(imported), '/run/bird.log')
    expect(`${check?.state}: ${check?.detail}`).toContain(told)
    expect(more).toEqual([])
  })

  test('is not told while there is no BIRD', () => {
    expect(checkWayOut(policy, [], { state: 'absent' }, '/run/bird.log')).toEqual([])
  })
})
