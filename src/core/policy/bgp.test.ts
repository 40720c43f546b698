import { describe, expect, test } from 'vitest'
import { BgpPolicy, peersFor } from './bgp.ts'

const PEER = { name: 'rtr01', address: '192.0.2.1', as: 65_000 }
const OWN = { as: 65_001, peers: [PEER] }

function mistakesIn(bgp: unknown): string[] {
  const { error } = BgpPolicy.safeParse(bgp, { reportInput: true })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

describe('BGP', () => {
  test('may be left to a daemon of the administrator’s', () => {
    expect(BgpPolicy.parse('external')).toEqual({ mode: 'external' })
  })

  test('of our own needs an AS number and peers; the router’s ID is found', () => {
    expect(BgpPolicy.parse(OWN)).toEqual({
      mode: 'own',
      as: 65_001,
      routerId: 'auto',
      multipath: 16,
      export: [],
      blackholes: [],
      peers: [expect.objectContaining(PEER)],
    })
  })

  test.each([['auto'], ['192.0.2.1'], ['255.255.255.255'], [{ pve1: '192.0.2.1', pve2: '192.0.2.2' }]])(
    'may have the router ID %j',
    routerId => {
      expect(BgpPolicy.parse({ ...OWN, routerId })).toMatchObject({ routerId })
    },
  )

  const ROUTER_ID = 'an IPv4 address other than 0.0.0.0'
  test.each([
    ['none', [' must be `external` or a map of settings']],
    [{ ...OWN, mode: 'own' }, [' must be `external` or a map of settings']],
    [{ ...OWN, as: 23_456 }, ['as must be an AS number']],
    [{ ...OWN, routerId: '0.0.0.0' }, [`routerId must be \`auto\`, ${ROUTER_ID}, or a map of them by node`]],
    [{ ...OWN, routerId: null }, ['routerId must be `auto`']],
    [{ ...OWN, routerId: { pve1: '::1' } }, [`routerId.pve1 must be ${ROUTER_ID}, not "::1"`]],
    [{ ...OWN, multipath: 0 }, ['multipath must be a number of next hops from 1 to 64']],
    [{ ...OWN, localPort: 0 }, ['localPort must be a TCP port']],
    [{ ...OWN, peers: [] }, ['peers must name at least one peer']],
    [{}, ['as is missing', 'peers is missing; it must be a list of peers']],
  ])('%j is refused', (bgp, mistakes) => {
    expect(mistakesIn(bgp)).toEqual(mistakes.map(mistake => expect.stringContaining(mistake)))
  })
})

describe('each peer', () => {
  test('has a name of its own, and an end of its own', () => {
    const peers = [PEER, { ...PEER, address: '192.0.2.2' }, { ...PEER, name: 'rtr02', port: 179 }]
    expect(mistakesIn({ ...OWN, peers })).toEqual([
      'peers.1 has the same name as `[0]`',
      'peers.2 is reached the same way as `[0]`',
    ])
  })

  test('may share an address with another that listens on another port', () => {
    expect(mistakesIn({ ...OWN, peers: [PEER, { ...PEER, name: 'rtr02', port: 1790 }] })).toEqual([])
  })

  test('of a rack may be reached as that of another rack is', () => {
    const rack = (name: string, ...nodes: string[]) => ({ name, interface: 'eno1', as: 65_101, nodes })
    expect(mistakesIn({ ...OWN, peers: [rack('rack1', 'pve1', 'pve2'), rack('rack2', 'pve3')] })).toEqual([])
    expect(mistakesIn({ ...OWN, peers: [rack('rack1', 'pve1', 'pve2'), rack('rack2', 'pve2')] })).toEqual([
      'peers.1 is reached the same way as `[0]`',
    ])
  })

  test.each([
    [[], 'must name at least one node'],
    ['pve1', 'must be a list of names of nodes, not `pve1`'],
    [['pve 1'], 'must be the name of a node'],
    [['pve1', 'pve1'], 'is the same node as `[0]`'],
  ])('is not for the nodes %j', (nodes, mistake) => {
    const mistakes = mistakesIn({ ...OWN, peers: [{ ...PEER, nodes }] })
    expect(mistakes).toEqual([expect.stringContaining(mistake)])
  })

  test('is one of the nodes that it names, else of all', () => {
    const peers = [
      { ...PEER, name: 'all' },
      { ...PEER, name: 'rack1', address: '192.0.2.9', nodes: ['pve1', 'pve2'] },
    ]
    const namesFor = (node: string) =>
      peersFor(BgpPolicy.parse({ ...OWN, peers }), node).map(({ name }) => name)
    expect(namesFor('pve2')).toEqual(['all', 'rack1'])
    expect(namesFor('pve3')).toEqual(['all'])
    expect(peersFor({ mode: 'external' }, 'pve1')).toEqual([])
  })

  test('is told from others on the same link-local address by its link', () => {
    const peer = { ...PEER, address: 'fe80::1' }
    const peers = ['eno1', 'eno2'].map(link => ({ ...peer, name: link, interface: link }))
    expect(mistakesIn({ ...OWN, peers })).toEqual([])
  })
})
