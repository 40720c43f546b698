import { describe, expect, test } from 'vitest'
import {
  announceObservation,
  ct,
  type GivenNic,
  linksOf,
  notesOf,
  observation,
  policyOf,
  readingOf,
  vm,
} from '../../../test/builders.ts'
import type { Situation } from '../../../test/situation.ts'
import type { Guest } from '../guest/guest.ts'
import { intend } from '../intent.ts'
import type { AnnounceIntent } from './wanted.ts'

const BGP = 'bgp: { as: 65001, peers: [{ name: rtr01, address: 192.0.2.1, as: 65000 }] }'
const NETWORKS = `announce:
  table: 100
  networks:
    - { bridge: vmbr0, prefixes: [203.0.113.0/24, "2001:db8:a::/48"] }
    - { bridge: vmbr0, tag: 5, prefixes: [203.0.113.0/24] }
`
const POLICY = `${NETWORKS}${BGP}\n`
const BRIDGES = ['vmbr0', 'vmbr0.5']
const NIC: GivenNic = { ip: '203.0.113.10/32', ip6: '2001:db8:a::10/128' }
const GUEST = vm(100, [NIC])

/** What a node decides, on which nothing runs. */
function intentOf(guests: readonly Guest[], given: Situation = {}): AnnounceIntent {
  const { links = BRIDGES, policy = POLICY, reading = {}, announcing = {} } = given
  const seen = observation({ links: linksOf(...links), announcing: announceObservation(announcing) })
  const intent = intend(readingOf(guests, { policy: policyOf(policy), ...reading }), seen).announcing
  if (!intent) throw new Error('announcing was looked at')
  return intent
}

const prefixesOf = ({ standby }: AnnounceIntent) => standby.map(({ prefix }) => prefix)

describe('a stopped guest is on standby', () => {
  test('with each of its addresses, and neighbours of its own, but no way to it', () => {
    const { standby, announcements, bird, routing, withheld } = intentOf([GUEST])
    expect(standby.map(({ prefix, device, port }) => [prefix, device, port])).toEqual([
      ['203.0.113.10/32', 'vmbr0', 'tap100i0'],
      ['2001:db8:a::10/128', 'vmbr0', 'tap100i0'],
    ])
    expect(bird).toMatchObject({ announcements: [], standby })
    expect(announcements).toEqual([])
    expect(routing.routes).toEqual([])
    expect(routing.neighbours.map(({ address }) => address)).toEqual(['203.0.113.10', '2001:db8:a::10'])
    expect(withheld.map(({ refusal }) => refusal.code)).toEqual(['port-missing', 'port-missing'])
  })

  test('with the very announcement that it has once it runs, so that BIRD is told nothing then', () => {
    const { standby } = intentOf([GUEST])
    const files = { config: '', announcements: standby, ownEnds: {} }
    const bird = { state: 'running', pid: 7, routerId: '192.0.2.1', peers: [], files } as const
    const later = { announcing: { bird, now: 1_900_000_000 }, links: ['tap100i0', ...BRIDGES] }
    const running = intentOf([GUEST], later)
    expect(running.announcements).toEqual(standby)
    expect(running.standby).toEqual([])
  })

  test.each<[string, Guest, string]>([
    ['as a container', ct(100, [NIC]), 'veth100i0'],
    ['in a VLAN', vm(100, [{ ip: '203.0.113.10/32', tag: 5 }]), 'tap100i0'],
    ['while it is being migrated away', vm(100, [NIC], { lock: 'migrate' }), 'tap100i0'],
    ['while it sleeps on disk', vm(100, [NIC], { lock: 'suspended' }), 'tap100i0'],
  ])('%s', (_, guest, port) => {
    expect(intentOf([guest]).standby[0]?.port).toBe(port)
  })

  test('while its port is down', () => {
    const links = [...BRIDGES, { name: 'tap100i0', up: false }]
    expect(prefixesOf(intentOf([GUEST], { links }))).toHaveLength(2)
  })

  test('with the communities of its Notes', () => {
    const policy = POLICY.replace('table: 100', 'table: 100\n  notes: trusted')
    const reading = { notesOf: notesOf({ 100: { communities: ['65000:7'] } }) }
    expect(intentOf([GUEST], { policy, reading }).standby[0]?.communities).toEqual(['65000:7'])
  })
})

describe('nothing is on standby', () => {
  const twin = (nic: GivenNic, given = {}) => vm(200, [nic], given)

  test.each<[string, readonly Guest[], Situation?]>([
    ['of a template', [vm(100, [NIC], { template: true })]],
    [
      'of a guest whose file is elsewhere, though its port may be on its way here',
      [vm(100, [NIC], { node: 'pve2' })],
    ],
    ['of a guest that is being backed up', [vm(100, [NIC], { lock: 'backup' })]],
    ['of a NIC without a MAC address', [vm(100, [{ ...NIC, mac: null }])]],
    ['outside the policy’s prefixes', [vm(100, [{ ip: '198.51.100.7/32' }])]],
    ['on a bridge that is down', [GUEST], { links: [{ name: 'vmbr0', up: false }] }],
    ['on a bridge that is not there', [GUEST], { links: [] }],
    ['where nobody said who speaks BGP', [GUEST], { policy: NETWORKS }],
    [
      'where BGP is somebody else’s, who only reads the kernel’s table',
      [GUEST],
      { policy: `${NETWORKS}bgp: external\n` },
    ],
    ['of a port whose name is longer than a link’s can be', [longestName()]],
  ])('%s', (_, guests, given) => {
    expect(intentOf(guests, given).standby).toEqual([])
  })

  test.each<[string, Guest]>([
    ['a stopped guest of another node', twin({ ip: '203.0.113.10/32' }, { node: 'pve2' })],
    ['a stopped guest of this node', twin({ ip: '203.0.113.10/32' })],
    ['a guest in another network', twin({ ip: '203.0.113.10/32', tag: 5 }, { node: 'pve2' })],
  ])('of an address that is wanted by %s, too', (_, other) => {
    expect(prefixesOf(intentOf([GUEST, other])).filter(prefix => prefix === '203.0.113.10/32')).toEqual([])
  })

  test('of a MAC address that another guest of the node has, too', () => {
    const other = twin({ ip: '203.0.113.11/32', mac: GUEST.nics[0]?.mac ?? null })
    expect(intentOf([GUEST, other]).standby).toEqual([])
  })

  test('on a node that is drained', () => {
    expect(intentOf([GUEST], { reading: { drained: 'left' } }).bird?.standby).toEqual([])
  })

  test('that is new while guests may be missing from what was read; what there is stays', () => {
    const reading = { complete: false }
    expect(intentOf([GUEST], { reading }).standby).toEqual([])
    const files = { config: '', announcements: intentOf([GUEST]).standby, ownEnds: {} }
    const bird = { state: 'running', pid: 7, routerId: '192.0.2.1', peers: [], files } as const
    expect(prefixesOf(intentOf([], { reading, announcing: { bird } }))).toHaveLength(2)
  })
})

/** The eleventh NIC of the container with the highest number: Proxmox VE cannot start it. */
function longestName(): Guest {
  const nics = Array.from({ length: 11 }, (_, index) => (index === 10 ? NIC : {}))
  return ct(999_999_999, nics)
}
