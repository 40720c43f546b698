import { describe, expect, test } from 'vitest'
import { macOf } from '../../test/builders.ts'
import { addressOf, markedRoute, neighbourAt, proxyFor, routeTo, routingOf } from '../../test/routings.ts'
import type { RoutingChange } from '../core/routing/change.ts'
import { renderRoutingChange } from './routingRender.ts'

const OPTION = { any: '', ipv6: '-6 ' } as const

const render = (change: RoutingChange) => {
  const { sysctls, lines } = renderRoutingChange(change)
  return [
    ...sysctls.map(({ file, value }) => `${file} = ${value}`),
    ...lines.map(({ batch, text }) => `${OPTION[batch]}${text}`),
  ]
}
const [gateway] = routingOf(0).gateways

describe('a route', () => {
  test('to a guest is on its device', () => {
    expect(render({ kind: 'route-set', table: 100, route: routeTo('203.0.113.10/32') })).toEqual([
      'route replace 203.0.113.10/32 dev vmbr0 table 100 metric 1 proto 103',
    ])
  })

  test('behind a guest needs no other route to it', () => {
    const route = routeTo('2001:db8:1::/64', 'vmbr0', '2001:db8::10')
    expect(render({ kind: 'route-set', table: 99, route })).toEqual([
      'route replace 2001:db8:1::/64 via 2001:db8::10 dev vmbr0 onlink table 99 metric 1 proto 103',
    ])
  })

  test('to nowhere has no device', () => {
    const route = { prefix: routeTo('203.0.113.10/32').prefix }
    expect(render({ kind: 'route-set', table: 100, route })).toEqual([
      'route replace blackhole 203.0.113.10/32 table 100 metric 1 proto 103',
    ])
    expect(render({ kind: 'route-remove', route: markedRoute(route) })).toEqual([
      'route del 203.0.113.10/32 table 100 metric 1 proto 103',
    ])
  })

  test('is removed with all that is known of it, and never another protocol’s', () => {
    const route = routeTo('203.0.113.64/28', 'vmbr0', '203.0.113.10')
    expect(render({ kind: 'route-remove', route: markedRoute(route, { table: 99, metric: 5 }) })).toEqual([
      'route del 203.0.113.64/28 via 203.0.113.10 dev vmbr0 table 99 metric 5 proto 103',
    ])
    const { prefix } = route
    expect(render({ kind: 'route-remove', route: { prefix, table: 100, metric: 0 } })).toEqual([
      'route del 203.0.113.64/28 table 100 metric 0 proto 103',
    ])
  })
})

test('a neighbour is permanent and marked', () => {
  const neighbour = neighbourAt('203.0.113.10', '52:54:00:9e:00:64')
  expect(render({ kind: 'neighbour-set', neighbour })).toEqual([
    'neighbour replace 203.0.113.10 lladdr 52:54:00:9e:00:64 dev vmbr0 nud permanent protocol 103',
  ])
  expect(render({ kind: 'neighbour-remove', neighbour })).toEqual(['neighbour del 203.0.113.10 dev vmbr0'])
})

test('a proxy is marked', () => {
  const proxy = proxyFor('2001:db8::20')
  expect(render({ kind: 'proxy-set', proxy })).toEqual([
    'neighbour add proxy 2001:db8::20 dev vmbr0 protocol 103',
  ])
  expect(render({ kind: 'proxy-remove', proxy })).toEqual(['neighbour del proxy 2001:db8::20 dev vmbr0'])
})

test('rules have their places; one is removed by what it asks for', () => {
  expect(render({ kind: 'rule-add', rule: { family: 'ipv4', table: 101, device: 'vmbr0' } })).toEqual([
    'rule add pref 5101 iif vmbr0 lookup 101 protocol 103',
  ])
  expect(render({ kind: 'rule-add', rule: { family: 'ipv6', table: 100 } })).toEqual([
    '-6 rule add pref 5100 lookup 100 suppress_prefixlength 0 protocol 103',
  ])
  const rule = { family: 'ipv6', pref: 7, table: 99, device: 'vmbr1', peculiar: true } as const
  expect(render({ kind: 'rule-remove', rule })).toEqual([
    '-6 rule del pref 7 iif vmbr1 lookup 99 protocol 103',
  ])
})

describe('a gateway', () => {
  test('is given what it lacks', () => {
    if (!gateway) throw new Error('there is one')
    const missing = ['mac', 'ipv4', 'proxyArp', 'ipv6', 'proxyNdp'] as const
    expect(render({ kind: 'gateway-set', gateway, missing })).toEqual([
      'ipv4/neigh/vmbr0/proxy_delay = 0',
      'ipv4/conf/vmbr0/proxy_arp = 1',
      'ipv6/conf/vmbr0/disable_ipv6 = 0',
      'ipv6/neigh/vmbr0/proxy_delay = 0',
      'ipv6/conf/vmbr0/proxy_ndp = 1',
      `link set dev vmbr0 address ${macOf('da:f0:f1:08:55:c4')}`,
      'address add 172.31.1.1/32 dev vmbr0 metric 103',
      'address add fe80::1/64 dev vmbr0 metric 103 nodad',
    ])
  })

  test('stops answering for others with its last address', () => {
    const change = { kind: 'gateway-remove', device: 'vmbr0', address: addressOf('172.31.1.1') } as const
    expect(render({ ...change, last: true })).toEqual([
      'ipv4/conf/vmbr0/proxy_arp = 0',
      'address del 172.31.1.1/32 dev vmbr0',
    ])
    expect(render({ ...change, last: false })).toEqual(['address del 172.31.1.1/32 dev vmbr0'])
  })

  test('takes the link-local route along', () => {
    const change = { kind: 'gateway-remove', device: 'vmbr0', address: addressOf('fe80::1') } as const
    expect(render({ ...change, last: false })).toEqual([
      'address del fe80::1/64 dev vmbr0',
      'route del fe80::/64 dev vmbr0 metric 103',
    ])
  })
})
