import { describe, expect, test } from 'vitest'
import { macOf } from '../../test/builders.ts'
import type { Address, Prefix } from '../core/values/address.ts'
import { describeLeftover, type LeftoverObservation, type PlainRule } from './leftover.ts'
import { type Evidence, findLeftovers } from './leftovers.ts'

const MAC = macOf('52:54:00:00:00:64')
const OTHER_MAC = macOf('52:54:00:00:00:65')

const rule = (side: PlainRule['side'], prefix: string, table = 100): PlainRule => ({
  kind: 'rule',
  family: 'ipv4',
  pref: 32765,
  side,
  prefix: prefix as Prefix,
  table,
})
const pair = (prefix: string, table?: number) => [rule('from', prefix, table), rule('to', prefix, table)]
const route = (
  prefix: string,
  { table = 100, device = 'vmbr0', via }: { table?: number; device?: string; via?: string } = {},
) =>
  ({
    kind: 'route',
    prefix: prefix as Prefix,
    device,
    table,
    metric: 0,
    protocol: 3,
    ...(via !== undefined && { via: via as Address }),
  }) as const
const neighbour = (address: string, mac = MAC, device = 'vmbr0') =>
  ({ kind: 'neighbour', address: address as Address, device, mac }) as const

const TRACE = {
  device: 'vmbr0',
  table: 100,
  mac: MAC,
  prefixes: ['203.0.113.10/32', '203.0.113.64/28'] as Prefix[],
  addresses: ['203.0.113.10' as Address],
}

function find(observed: Partial<LeftoverObservation>, evidence: Partial<Evidence> = {}) {
  const all = { rules: [], routes: [], neighbours: [], namespaces: [], links: [], ...observed }
  const { announcer, keas, leftAlone } = findLeftovers(all, { traces: [], guests: new Map(), ...evidence })
  return {
    announcer: announcer.map(describeLeftover),
    keas: keas.map(describeLeftover),
    leftAlone: leftAlone.map(describeLeftover),
  }
}

const NOTHING = { announcer: [], keas: [], leftAlone: [] }

describe('with a file', () => {
  test('its rules, routes and neighbours are found, single or in pairs', () => {
    const found = find(
      {
        rules: [rule('from', '203.0.113.10/32'), ...pair('203.0.113.64/28')],
        routes: [route('203.0.113.10/32'), route('203.0.113.64/28', { via: '203.0.113.10' })],
        neighbours: [neighbour('203.0.113.10')],
      },
      { traces: [TRACE] },
    )
    expect(found.announcer).toEqual([
      'rule 32765: from 203.0.113.10/32 lookup 100',
      'rule 32765: from 203.0.113.64/28 lookup 100',
      'rule 32765: to 203.0.113.64/28 lookup 100',
      'route 203.0.113.10/32 dev vmbr0 table 100',
      'route 203.0.113.64/28 via 203.0.113.10 dev vmbr0 table 100',
      'neighbour 203.0.113.10 lladdr 52:54:00:00:00:64 dev vmbr0',
    ])
  })

  test.each([
    ['a rule to another table', { rules: [rule('from', '203.0.113.10/32', 7)] }],
    ['a rule for another prefix', { rules: [rule('from', '203.0.113.0/24')] }],
    ['a route in another table', { routes: [route('203.0.113.10/32', { table: 7 })] }],
    ['a route on another link', { routes: [route('203.0.113.10/32', { device: 'vmbr1' })] }],
    ['a neighbour with another MAC', { neighbours: [neighbour('203.0.113.10', OTHER_MAC)] }],
    ['a neighbour on another link', { neighbours: [neighbour('203.0.113.10', MAC, 'vmbr1')] }],
  ])('%s is somebody else’s', (_, observed) => {
    expect(find(observed, { traces: [TRACE] })).toEqual(NOTHING)
  })
})

describe('without a file', () => {
  const guests = new Map([['203.0.113.10' as Address, new Set([MAC])]])
  const shape = {
    rules: pair('203.0.113.10/32'),
    routes: [route('203.0.113.10/32')],
    neighbours: [neighbour('203.0.113.10')],
  }

  test('what has the shape and a guest’s address is found', () => {
    expect(find(shape, { guests })).toMatchObject({ announcer: { length: 4 }, leftAlone: [] })
  })

  test('what only has the shape is left alone', () => {
    expect(find(shape)).toMatchObject({ announcer: [], leftAlone: { length: 4 } })
  })

  test('a neighbour with another MAC than the guest’s is left alone', () => {
    const found = find({ ...shape, neighbours: [neighbour('203.0.113.10', OTHER_MAC)] }, { guests })
    expect(found.leftAlone).toEqual(['neighbour 203.0.113.10 lladdr 52:54:00:00:00:65 dev vmbr0'])
  })

  test.each([
    ['half a pair', { rules: [rule('from', '203.0.113.10/32')] }],
    [
      'halves by different tables',
      { rules: [rule('from', '203.0.113.10/32'), rule('to', '203.0.113.10/32', 7)] },
    ],
    ['a pair for a network', { rules: pair('203.0.113.0/24') }],
    [
      'a pair by the main table',
      { rules: pair('203.0.113.10/32', 254), routes: [route('203.0.113.10/32', { table: 254 })] },
    ],
    ['a route or neighbour without rules', { routes: shape.routes, neighbours: shape.neighbours }],
  ])('%s is somebody else’s', (_, observed) => {
    expect(find(observed, { guests })).toEqual(NOTHING)
  })
})

test('namespaces and links of the other predecessor go by their names', () => {
  const found = find({
    namespaces: [
      { kind: 'namespace', name: 'kea_vmbr0', pids: [7, 8] },
      { kind: 'namespace', name: 'keas', pids: [] },
    ],
    links: ['kh_vmbr0', 'kn_vmbr0', 'knot', 'tap100i0'].map(name => ({ kind: 'link', name })),
  })
  expect(found).toMatchObject({
    announcer: [],
    keas: ['namespace kea_vmbr0 (ending in it process 7, 8)', 'link kh_vmbr0', 'link kn_vmbr0'],
  })
})
