import { describe, expect, test } from 'vitest'
import { birdPeer, ipv4 } from '../../test/builders.ts'
import type { BirdPeer, BirdSettings } from '../core/announcing/birdSettings.ts'
import { parseAddress } from '../core/values/address.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { renderConfig } from './config.ts'
import { birdPaths } from './paths.ts'
import { readBack } from './readBack.ts'

const PATHS = birdPaths('/run/guestnet')

function peer(given: Partial<BirdPeer> = {}): BirdPeer {
  const address = parseAddress('2001:db8::2')
  return birdPeer({ ...(address !== undefined && { address }), ...given })
}

function settings(given: Partial<BirdSettings> = {}): BirdSettings {
  return {
    as: 4220000001,
    routerId: ipv4('192.0.2.1'),
    table: 100,
    guestsTable: 99,
    devices: ['vmbr0', 'vmbr0.5'],
    multipath: 16,
    exports: [],
    prefixes: ['203.0.113.0/24', '203.0.114.7/32'].flatMap(text => parsePrefix(text) ?? []),
    peers: [peer()],
    ...given,
  }
}

const render = (given: Partial<BirdSettings> = {}) => renderConfig(settings(given), PATHS)
const ofPeer = (given: Partial<BirdPeer>) => render({ peers: [peer(given)] })
const unnumbered = birdPeer({ name: 'link', families: ['ipv4'], interface: 'eno2' })

test('only what the policy lists is exported', () => {
  expect(render()).toContain(`define PREFIXES4 = [
  203.0.113.0/24+,
  203.0.114.7/32
];
filter to_peers4 {
  if proto != "guests4" || net !~ PREFIXES4 then reject;
  # Of two nodes that announce a guest routers believe the one where it arrived later (RFC 4271, section 9.1.2.2).
  bgp_med = 4294967295 - guestnet_since;
  # A MED ends at the first router of another AS. This goes on.
  bgp_large_community.add((4220000001, 2, guestnet_since));
  accept;
}`)
})

test('where the policy lists nothing of a family, nothing of it is exported', () => {
  expect(render()).toContain('filter to_peers6 { reject; }')
})

test('draining asks for other paths, for both families alike', () => {
  const drained = render({ drain: true })
  expect(drained).toContain('bgp_community.add((65535, 0));\n  bgp_local_pref = 0;\n  accept;')
})

test('`include` begins a line: BIRD takes it nowhere else', () => {
  const lines = render()
    .split('\n')
    .filter(line => line.includes('include'))
  expect(lines).toHaveLength(3)
  expect(lines.every(line => line.startsWith('include "/run/guestnet/bird/'))).toBe(true)
})

describe('a peer', () => {
  test.each<[string, Partial<BirdPeer>, string]>([
    ['by address', {}, 'neighbor 2001:db8::2 as 65000;'],
    ['on another port', { port: 1179 }, 'neighbor 2001:db8::2 port 1179 as 65000;'],
    ['on a link of the node', {}, 'direct;'],
    ['some hops away', { multihop: 3 }, 'multihop 3;'],
    ['with a hold time', { holdTime: 9 }, 'hold time 9;'],
    ['with a password', { password: 'a b;c' }, 'password "a b;c";'],
    ['over IPv6', {}, 'ipv4 { table routes4; extended next hop; next hop self;'],
    ['for one family', { families: ['ipv6'] }, 'direct;\n  ipv6 {'],
    ['that must be near', { ttlSecurity: true }, 'ttl security on;'],
    ['whose default routes are taken', {}, 'import where net = 0.0.0.0/0; import limit 1 action block;'],
    ['whose default routes are ignored', { defaultRoute: false }, 'next hop self; import none; export'],
    ['with BFD', { bfd: true }, 'bfd on;'],
    ['with BFD behind a router', { bfd: true, multihop: 2 }, '# bfd: with multihop'],
  ])('%s', (_, given, expected) => expect(ofPeer(given)).toContain(expected))

  test('over IPv4 has IPv4 next hops', () => {
    expect(ofPeer({ address: ipv4('192.0.2.2') })).not.toContain('extended next hop')
  })

  test('by nothing but its link is waited for there, and told by advertisements that we are there', () => {
    const config = render({ peers: [unnumbered] })
    expect(config).toContain('neighbor range fe80::/10 as 65000;\n  interface "eno2";')
    expect(config).toMatch(
      /protocol radv \{\n {2}interface "eno2" \{.* default lifetime 0; prefix ::\/0 \{ skip; \}; \};/,
    )
  })

  test('is the only reason for BFD, advertisements and looking up next hops', () => {
    expect(render()).not.toMatch(/protocol (?:bfd|radv|direct)/)
  })
})

test('BIRD makes the ways to guests itself, by the links of their networks', () => {
  expect(render()).toContain(`filter by_device4 {
  if guestnet_device = 1 then { ifname = "vmbr0"; accept; }
  if guestnet_device = 2 then { ifname = "vmbr0.5"; accept; }
  reject;
}
protocol kernel kernel_ways4 {
  kernel table 99;`)
})

test('equally good default routes become one with several next hops, where the policy does not say one', () => {
  expect(render({ multipath: 4 }).match(/ {2}merge paths on limit 4;/g)).toHaveLength(2)
  expect(render({ multipath: 1 })).not.toContain('merge paths')
})

describe('what a configuration tells of itself', () => {
  const ends = { multihop: 2, bfd: true, localAddress: ipv4('198.51.100.9') }
  const peers = [
    peer({ name: 'far', address: ipv4('192.0.2.77'), ...ends }),
    peer({
      name: 'farther',
      address: ipv4('192.0.2.78'),
      port: 1179,
      ...ends,
      localAddress: ipv4('198.51.100.10'),
    }),
    peer({ name: 'unknown', address: ipv4('192.0.2.79'), multihop: 2, bfd: true }),
    peer({ password: 'secret' }),
    unnumbered,
  ]
  const config = render({ peers, table: 4711, localPort: 1790 })
  const told = {
    version: 1,
    table: 4711,
    guestsTable: 99,
    localPort: 1790,
    ownEnds: { '192.0.2.77': '198.51.100.9', '192.0.2.78': '198.51.100.10' },
  }
  const withoutFirstLine = (text: string) => text.slice(text.indexOf('\n') + 1)

  test('is its first line', () => {
    expect(config.split('\n')[0]).toBe(`# guestnet: ${JSON.stringify(told)}`)
  })

  test('are the table, the port and the node’s ends of sessions, as far as it names them', () => {
    expect(readBack(config)).toEqual(told)
    expect(readBack(render())).toEqual({ version: 1, table: 100, guestsTable: 99, ownEnds: {} })
  })

  test.each([
    ['had no such line', withoutFirstLine(config)],
    ['has a later one', `# guestnet: {"version":2}\n${withoutFirstLine(config)}`],
    ['has half of it', `# guestnet: {"version":1,\n${withoutFirstLine(config)}`],
  ])('is the same of one that %s', (_, text) => {
    expect(readBack(text)).toEqual(told)
    expect(readBack(text)).toEqual(readBack(config))
  })

  test.each(['', '# guestnet: {}\n', 'router id 192.0.2.1;\n'])('is nothing of another text: %j', text =>
    expect(readBack(text)).toBeUndefined(),
  )
})

test('another local port is one for all', () => {
  expect(render({ localPort: 1790 })).toContain('local port 1790 as 4220000001;')
})
