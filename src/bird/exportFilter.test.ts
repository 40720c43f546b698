import { describe, expect, test } from 'vitest'
import { birdPeer, ipv4 } from '../../test/builders.ts'
import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import { ExportRule } from '../core/policy/exportRule.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { renderConfig } from './config.ts'
import { birdPaths } from './paths.ts'

const SETTINGS: BirdSettings = {
  as: 65001,
  routerId: ipv4('192.0.2.1'),
  guestsTable: 99,
  devices: ['vmbr0'],
  table: 101,
  multipath: 1,
  exports: [],
  prefixes: ['203.0.113.0/24'].flatMap(text => parsePrefix(text) ?? []),
  peers: ['rtr01', 'rtr02'].map((name, index) => birdPeer({ name, address: ipv4(`192.0.2.${index + 2}`) })),
}

/** The filters of a configuration with these rules: what is in each besides what is in all, by name. */
function filtersOf(rules: readonly object[], given: Partial<BirdSettings> = {}): Record<string, string> {
  const exports = rules.map(rule => ExportRule.parse(rule))
  const config = renderConfig({ ...SETTINGS, exports, ...given }, birdPaths('/run/guestnet'))
  const filters = config.matchAll(
    /^filter (to_peers\S+) \{\n.*?, 2, guestnet_since\)\);\n(.*?) {2}accept;\n\}/gms,
  )
  return Object.fromEntries(
    [...filters].map(([, name = '', body = '']) => [name, body.replace(/\s+/g, ' ').trim()]),
  )
}

describe('announcements differ', () => {
  test('for all, in one filter', () => {
    expect(
      filtersOf([{ communities: ['65000:100', '65000:1:2'], med: 7, localPreference: 9, prepend: 2 }]),
    ).toEqual({
      to_peers4: [
        'bgp_community.add((65000, 100)); bgp_large_community.add((65000, 1, 2));',
        'bgp_med = 7; bgp_local_pref = 9; bgp_path.prepend(65001); bgp_path.prepend(65001);',
      ].join(' '),
    })
  })

  test('for a network and for guests, one rule after the other', () => {
    const rules = [
      { bridge: 'vmbr0', prepend: 1 },
      { bridge: 'vmbr0', tag: 5, vmids: [100, '200-299'], med: 7 },
    ]
    expect(filtersOf(rules)).toEqual({
      to_peers4: [
        'if guestnet_network = 1 then { bgp_path.prepend(65001); }',
        'if guestnet_network = 2 && bgp_large_community ~ [(65001, 1, 100), (65001, 1, 200..299)] then { bgp_med = 7; }',
      ].join(' '),
    })
  })

  test('towards a peer, which has a filter of its own', () => {
    expect(filtersOf([{ peers: ['rtr02'], prepend: 1 }, { med: 7 }])).toEqual({
      to_peers4: 'bgp_med = 7;',
      to_peers4_peer_rtr02: 'bgp_path.prepend(65001); bgp_med = 7;',
    })
  })

  test('in that only some peers are told', () => {
    expect(filtersOf([{ vmids: [100], onlyTo: ['rtr02'], med: 7 }])).toEqual({
      to_peers4: 'if bgp_large_community ~ [(65001, 1, 100)] then { reject; }',
      to_peers4_peer_rtr02: 'if bgp_large_community ~ [(65001, 1, 100)] then { bgp_med = 7; }',
    })
  })

  test('but a path is never made a loop for a peer of the same AS', () => {
    const peers = [birdPeer({ name: 'rtr01', as: 65001, address: ipv4('192.0.2.2') })]
    expect(filtersOf([{ prepend: 1 }], { peers })).toEqual({
      to_peers4: 'bgp_path.prepend(65001);',
      to_peers4_peer_rtr01: '',
    })
  })

  test('and a node that is drained still says so last', () => {
    expect(filtersOf([{ localPreference: 9 }], { drain: true }).to_peers4).toMatch(
      /^bgp_local_pref = 9; # GRACEFUL_SHUTDOWN.* bgp_local_pref = 0;$/,
    )
  })
})

test('each peer goes by its filter', () => {
  const config = renderConfig(
    { ...SETTINGS, exports: [ExportRule.parse({ peers: ['rtr02'], med: 7 })] },
    birdPaths('/run/guestnet'),
  )
  expect([...config.matchAll(/export filter (to_peers\S+);/g)].map(([, name]) => name)).toEqual([
    'to_peers4',
    'to_peers6',
    'to_peers4_peer_rtr02',
    'to_peers6',
  ])
})
