import { describe, expect, test } from 'vitest'
import { ipv4, macOf } from '../../../test/builders.ts'
import { afterChange } from '../../../test/routingModel.ts'
import {
  addressOf,
  markedRoute,
  NO_ROUTING,
  NOTHING_OBSERVED,
  neighbourAt,
  proxyFor,
  routeTo,
  routingOf,
} from '../../../test/routings.ts'
import { describeChange } from '../change.ts'
import { diffRouting } from './diff.ts'
import type { MarkedRule, ObservedRouting } from './observation.ts'

const MAC = '52:54:00:9e:00:64'
const changes = (wanted: Partial<typeof NO_ROUTING>, observed: Partial<ObservedRouting> = {}) =>
  diffRouting({ ...NO_ROUTING, ...wanted }, { ...NOTHING_OBSERVED, ...observed })
const sentences = (...given: Parameters<typeof changes>) => changes(...given).map(describeChange)

test('a guest’s way is made from its end, and taken away from its beginning', () => {
  const wanted = { ...routingOf(0), routes: [routeTo('203.0.113.1/32')] }
  const neighbours = [neighbourAt('203.0.113.1', MAC)]
  expect(sentences({ ...wanted, neighbours, proxies: [proxyFor('2001:db8::20')] })).toEqual([
    "give vmbr0 the gateway's MAC da:f0:f1:08:55:c4, the gateway's address 172.31.1.1, proxy ARP, the gateway's address fe80::1, proxy neighbour discovery",
    `add neighbour entry 203.0.113.1 lladdr ${MAC} dev vmbr0`,
    'add proxy neighbour entry 2001:db8::20 dev vmbr0',
    'add route 203.0.113.1/32 dev vmbr0 table 100',
    'add rule 5100: all IPv4 lookup 100',
    'add rule 5101: IPv4 iif vmbr0 lookup 101',
    'add rule 5100: all IPv6 lookup 100',
    'add rule 5101: IPv6 iif vmbr0 lookup 101',
  ])
  const observed = [...changes({ ...wanted, neighbours })].reduce(afterChange, NOTHING_OBSERVED)
  expect(sentences({}, observed)).toEqual([
    'remove rule 5100: all IPv4 lookup 100',
    'remove rule 5100: all IPv6 lookup 100',
    'remove route 203.0.113.1/32 from table 100',
    'remove neighbour entry 203.0.113.1 dev vmbr0',
    "remove the gateway's address 172.31.1.1 from vmbr0",
    "remove the gateway's address fe80::1 from vmbr0",
    'remove rule 5101: IPv4 iif vmbr0 lookup 101',
    'remove rule 5101: IPv6 iif vmbr0 lookup 101',
  ])
})

describe('a route', () => {
  const route = routeTo('203.0.113.1/32')

  test('that changes its device is replaced, not removed', () => {
    const routes = [markedRoute(routeTo('203.0.113.1/32', 'vmbr1'))]
    expect(changes({ routes: [route] }, { routes })).toEqual([{ kind: 'route-set', table: 100, route }])
  })

  test('with another metric, or in a table used before, goes when the right one is there', () => {
    const routes = [markedRoute(route, { metric: 1024 }), markedRoute(route, { table: 99 })]
    expect(sentences({ routes: [route] }, { routes })).toEqual([
      'add route 203.0.113.1/32 dev vmbr0 table 100',
      'remove route 203.0.113.1/32 from table 100',
      'remove route 203.0.113.1/32 from table 99',
    ])
  })

  test('is not set where it would replace somebody else’s', () => {
    const foreign = [{ table: 100, prefix: route.prefix, metric: 1, protocol: 4 }]
    expect(changes({ routes: [route] }, { foreign })).toEqual([])
  })

  test.each([
    ['metric', { metric: 32 }],
    ['table', { table: 101 }],
  ])('is set beside somebody else’s of another %s', (_, differing) => {
    const foreign = [{ table: 100, prefix: route.prefix, metric: 1, protocol: 12, ...differing }]
    expect(changes({ routes: [route] }, { foreign })).toHaveLength(1)
  })
})

describe('a neighbour', () => {
  const neighbour = neighbourAt('203.0.113.1', MAC)

  test('with another MAC is replaced', () => {
    const neighbours = [{ ...neighbour, mac: macOf('52:54:00:00:00:01'), marked: true }]
    expect(changes({ neighbours: [neighbour] }, { neighbours })).toEqual([
      { kind: 'neighbour-set', neighbour },
    ])
  })

  test('that somebody set by hand stays as it is', () => {
    const neighbours = [{ ...neighbour, mac: macOf('52:54:00:00:00:01'), marked: false }]
    expect(changes({ neighbours: [neighbour] }, { neighbours })).toEqual([])
    expect(changes({}, { neighbours })).toEqual([])
  })
})

test('neighbours are set again on a device that gets another MAC, which takes them away', () => {
  const [gateway] = routingOf(0).gateways
  const neighbour = neighbourAt('203.0.113.1', MAC)
  const wanted = { gateways: gateway ? [gateway] : [], neighbours: [neighbour] }
  const bare = { device: 'vmbr0', addresses: [], proxyArp: true, proxyNdp: true }
  const neighbours = [{ ...neighbour, marked: true }]
  const old = { ...bare, mac: macOf('52:54:00:00:00:01') }
  expect(changes(wanted, { neighbours, gateways: [old] })).toContainEqual({
    kind: 'neighbour-set',
    neighbour,
  })
})

describe('a rule', () => {
  const rule = { family: 'ipv4', table: 101, device: 'vmbr0' } as const
  const marked: MarkedRule = { ...rule, pref: 5101, peculiar: false }

  test('that is there twice is removed once', () => {
    expect(changes({ rules: [rule] }, { rules: [marked, marked] })).toEqual([
      { kind: 'rule-remove', rule: marked },
    ])
  })

  test.each<[string, Partial<MarkedRule>]>([
    ['another place', { pref: 5099 }],
    ['a length to suppress', { suppress: 0 }],
    ['something peculiar', { peculiar: true }],
  ])('with %s goes before the right one comes', (_, differing) => {
    const wrong = { ...marked, ...differing }
    expect(changes({ rules: [rule] }, { rules: [wrong] })).toEqual([
      { kind: 'rule-remove', rule: wrong },
      { kind: 'rule-add', rule },
    ])
  })
})

test('rules of a table used before go when nothing is left in it: by them it is known to who comes after a kill', () => {
  const route = routeTo('203.0.113.1/32')
  const rule: MarkedRule = { family: 'ipv4', table: 99, pref: 5100, suppress: 0, peculiar: false }
  const former = { routes: [markedRoute(route, { table: 99 })], rules: [rule] }
  expect(sentences({ ...routingOf(0), gateways: [], routes: [route] }, former)).toEqual([
    'add route 203.0.113.1/32 dev vmbr0 table 100',
    'add rule 5100: all IPv4 lookup 100',
    'add rule 5101: IPv4 iif vmbr0 lookup 101',
    'add rule 5100: all IPv6 lookup 100',
    'add rule 5101: IPv6 iif vmbr0 lookup 101',
    'remove route 203.0.113.1/32 from table 99',
    'remove rule 5100: all IPv4 lookup 99',
  ])
})

describe('a gateway', () => {
  const held = (address: string, marked: boolean) => ({ address: addressOf(address), marked })
  const gateway = { device: 'vmbr0', addresses: [], proxyArp: true, proxyNdp: true }
  const wanted = { gateways: [{ device: 'vmbr0', ipv4: ipv4('172.31.1.1') }] }

  test('whose address the administrator gave is left with it', () => {
    const gateways = [{ ...gateway, addresses: [held('172.31.1.1', false)] }]
    expect(changes(wanted, { gateways })).toEqual([])
    expect(changes({}, { gateways })).toEqual([])
  })

  test('loses a marked address, and answers for others as long as another of the family stays', () => {
    const gateways = [{ ...gateway, addresses: [held('172.31.1.2', true), held('fe80::1', true)] }]
    expect(changes(wanted, { gateways })).toMatchObject([
      { kind: 'gateway-set', missing: ['ipv4'] },
      { kind: 'gateway-remove', address: '172.31.1.2', last: false },
      { kind: 'gateway-remove', address: 'fe80::1', last: true },
    ])
  })
})

test('what is left in a former table goes, where all is as it should be in this one', () => {
  const route = routeTo('203.0.113.1/32')
  const routes = [markedRoute(route), markedRoute(route, { table: 200 })]
  expect(sentences({ routes: [route] }, { routes })).toEqual(['remove route 203.0.113.1/32 from table 200'])
})
