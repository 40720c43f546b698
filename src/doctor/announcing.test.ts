import { describe, expect, test } from 'vitest'
import { prefixOf } from '../../test/routings.ts'
import { BgpPolicy } from '../core/policy/bgp.ts'
import { checkPort, checkTable } from './announcing.ts'

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

test.each([
  ['nothing', [], false, 'good'],
  ['what guestnet’s BIRD learned', [12], true, 'good'],
  ['what another BIRD put there', [12], false, 'bad'],
  ['an administrator’s own route', [4], true, 'doubtful'],
])('the table with %s', (_, protocols, isOurs, state) => {
  const foreign = protocols.map(protocol => ({ prefix: prefixOf('0.0.0.0/0'), metric: 32, protocol }))
  const policy = { table: 100, networks: [], notes: 'off', sysctl: false } as const
  expect(checkTable({ ...policy, networks: [] }, foreign, isOurs).state).toBe(state)
})
