import { describe, expect, test } from 'vitest'
import { announceObservation, birdPeer, ipv4, linksOf, policyOf } from '../../../test/builders.ts'
import { type Address, parseAddress } from '../values/address.ts'
import { intendBird } from './bird.ts'
import type { AnnounceObservation, RunningBird } from './observation.ts'

const PEER = '{ name: rtr01, address: 192.0.2.1, as: 65000 }'

const LINKS = linksOf('vmbr0', 'vmbr1')

/** The policy of a node with one peer, or with what is written. */
function policyWith(bgp = `as: 65001, peers: [${PEER}]`) {
  return policyOf(`announce:
  table: 100
  networks:
    - { bridge: vmbr0, prefixes: [203.0.113.0/24], gateway: { ipv4: 192.0.2.9 } }
    - { bridge: vmbr1, prefixes: ["2001:db8:a::/48"] }
bgp: { ${bgp} }
`)
}

function intentOf(bgp?: string, seen: Partial<AnnounceObservation> = {}, isDrained = false) {
  const { announce, bgp: read } = policyWith(bgp)
  if (!announce) throw new Error('the test’s own policy announces nothing')
  const input = {
    node: 'pve1',
    policy: announce,
    bgp: read,
    config: '/etc/pve/guestnet.yaml',
    links: LINKS,
    isDrained,
  }
  return intendBird(input, announceObservation(seen))
}

const settingsOf = (...given: Parameters<typeof intentOf>) => intentOf(...given).settings

function running(given: Partial<RunningBird> = {}): Pick<AnnounceObservation, 'bird'> {
  return { bird: { state: 'running', pid: 7, routerId: '192.0.2.77', peers: [], ...given } }
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed) throw new Error(`the test’s own ${text} is no address`)
  return parsed
}

test('BIRD is told what the policy says', () => {
  expect(intentOf()).toEqual({
    problems: [],
    settings: {
      as: 65001,
      routerId: '192.0.2.250',
      table: 101,
      guestsTable: 100,
      devices: ['vmbr0', 'vmbr1'],
      prefixes: ['203.0.113.0/24', '2001:db8:a::/48'],
      multipath: 16,
      exports: [],
      peers: [birdPeer({ address: address('192.0.2.1') })],
      drain: false,
    },
  })
})

test('a node that is being drained asks its peers to prefer others', () => {
  expect(settingsOf(undefined, {}, true)?.drain).toBe(true)
})

describe('there is no BIRD', () => {
  test.each([
    ['where BGP is somebody else’s', 'external'],
    ['where nobody said who speaks BGP', undefined],
  ])('%s', (_, word) => {
    const { announce, bgp } = policyOf(
      `announce: { table: 100, networks: [{ bridge: vmbr0, prefixes: [203.0.113.0/24] }] }\n${word ? `bgp: ${word}\n` : ''}`,
    )
    if (!announce) throw new Error('the test’s own policy announces nothing')
    const input = { node: 'pve1', policy: announce, bgp, config: '', links: LINKS, isDrained: false }
    expect(intendBird(input, announceObservation())).toEqual({ problems: [] })
  })

  test('on a node that has no AS number, and that is told, with the file to correct', () => {
    const { settings, problems } = intentOf(`as: { pve2: 65002 }, peers: [${PEER}]`)
    expect(settings).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'bird-failed', file: '/etc/pve/guestnet.yaml' }])
    expect(problems[0]?.message).toContain('pve1')
  })
})

describe('the router id is', () => {
  const given = (routerId: string) => `as: 65001, routerId: ${routerId}, peers: [${PEER}]`

  test.each<[string, string | undefined, Partial<AnnounceObservation>, string]>([
    ['the one of the policy', given('198.51.100.1'), running(), '198.51.100.1'],
    ['the one of this node in the policy', given('{ pve1: 198.51.100.2 }'), running(), '198.51.100.2'],
    ['that of a running BIRD: another one would end every session', undefined, running(), '192.0.2.77'],
    [
      'that of a running BIRD on a node the policy leaves out',
      given('{ pve2: 1.2.3.4 }'),
      running(),
      '192.0.2.77',
    ],
    [
      'else the lowest address of the node, and none that all nodes have as their gateway',
      undefined,
      { ownAddresses: ['192.0.2.250', '192.0.2.9', '192.0.2.20'].map(ipv4) },
      '192.0.2.20',
    ],
  ])('%s', (_, bgp, seen, expected) => expect(settingsOf(bgp, seen)?.routerId).toBe(expected))

  test('made of the node’s name where it has no address, and the same at every look', () => {
    const ids = [1, 2].map(() => settingsOf(undefined, { ownAddresses: [] })?.routerId)
    expect(ids[0]).toMatch(/^[1-9][0-9]*(\.[0-9]+){3}$/)
    expect(ids[1]).toBe(ids[0])
  })
})

describe('BIRD listens', () => {
  const portHolder = { program: 'bgpd', pid: 812 }
  const files = { config: '', announcements: [], ownEnds: {} }

  test.each<[string, string | undefined, Partial<AnnounceObservation>, number | undefined]>([
    ['on the port of BGP', undefined, {}, undefined],
    ['on another one where somebody has that', undefined, { portHolder }, 1790],
    [
      'on the one it has, as long as it runs',
      undefined,
      running({ files: { ...files, localPort: 1790 } }),
      1790,
    ],
    ['on the port of BGP if it has that', undefined, { ...running({ files }), portHolder }, undefined],
    ['on the one of the policy', `as: 65001, localPort: 1179, peers: [${PEER}]`, { portHolder }, 1179],
  ])('%s', (_, bgp, seen, expected) => expect(settingsOf(bgp, seen)?.localPort).toBe(expected))
})

describe('a peer that is known by its link alone calls this node at the port of BGP', () => {
  const UNNUMBERED = '{ name: leaf1, interface: eno1, as: 65000 }'
  const peers = (localPort?: number) =>
    `as: 65001, ${localPort === undefined ? '' : `localPort: ${localPort}, `}peers: [${PEER}, ${UNNUMBERED}]`

  test('so it is told if BIRD listens elsewhere, of that peer only', () => {
    const { settings, problems } = intentOf(peers(), { portHolder: { program: 'bgpd' } })
    expect(settings?.peers).toHaveLength(2)
    expect(problems).toMatchObject([{ code: 'bird-failed' }])
    expect(problems[0]?.message).toContain('leaf1')
    expect(intentOf(peers(1179)).problems).toHaveLength(1)
  })

  test('so all is well if BIRD listens there', () => {
    expect(intentOf(peers()).problems).toEqual([])
    expect(intentOf(peers(179)).problems).toEqual([])
  })
})

describe('the node’s own end of a session is told', () => {
  const ownEnds = new Map([[address('192.0.2.1'), address('192.0.2.250')]])
  const peerWith = (more: string) =>
    `as: 65001, peers: [{ name: rtr01, address: 192.0.2.1, as: 65000${more} }]`
  const endOf = (more: string, seen: Partial<AnnounceObservation> = { ownEnds }) =>
    settingsOf(peerWith(more), seen)?.peers[0]?.localAddress

  test('for BFD over several hops, which BIRD cannot do without', () => {
    expect(endOf(', bfd: true, multihop: 2')).toBe('192.0.2.250')
  })

  test.each(['', ', bfd: true', ', multihop: 2'])('and not where nothing depends on it: %j', more =>
    expect(endOf(more)).toBeUndefined(),
  )

  test('and not where there is no way to the peer', () => {
    expect(endOf(', bfd: true, multihop: 2', { ownEnds: new Map() })).toBeUndefined()
  })
})
