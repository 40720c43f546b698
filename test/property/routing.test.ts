import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffRouting } from '../../src/core/routing/diff.ts'
import type { ObservedRouting } from '../../src/core/routing/observation.ts'
import { findObstacles, neighbourKeyOf } from '../../src/core/routing/obstacle.ts'
import type { Routing } from '../../src/core/routing/routing.ts'
import { ipv4, macOf } from '../builders.ts'
import { afterChange } from '../routingModel.ts'
import { addressOf, ipv6, prefixOf, routeTo } from '../routings.ts'

// Few of everything, so that what is wanted, what is there and what is somebody else's often meet.
const anyAddress = fc.constantFrom('203.0.113.1', '203.0.113.2', '2001:db8::1', '2001:db8::2').map(addressOf)
const anyIpv6 = fc.constantFrom('2001:db8::1', '2001:db8::2', '2001:db8::3').map(ipv6)
const anyGateway4 = fc.constantFrom('172.31.1.1', '172.31.1.2')
const anyGateway6 = fc.constantFrom('fe80::1', 'fe80::2')
const anyDevice = fc.constantFrom('vmbr0', 'vmbr1')
const anyMac = fc.constantFrom('52:54:00:00:00:01', '52:54:00:00:00:02').map(macOf)
const anyFamily = fc.constantFrom('ipv4', 'ipv6')
const anyTable = fc.constantFrom(100, 100, 99)
const anyMetric = fc.constantFrom(1, 1, 0, 32)

const anyRoute = fc
  .record({
    address: fc.constantFrom('203.0.113.1/32', '203.0.113.2/32', '198.51.100.0/28', '2001:db8::1/128'),
    device: anyDevice,
    isBehind: fc.boolean(),
  })
  .map(({ address, device, isBehind }) => {
    const guest = address.includes(':') ? '2001:db8::9' : '203.0.113.9'
    return routeTo(address, device, isBehind ? guest : undefined)
  })

const anyWanted: fc.Arbitrary<Routing> = fc.record({
  table: fc.constant(100),
  routes: fc.uniqueArray(anyRoute, { selector: ({ prefix }) => prefix }),
  neighbours: fc.uniqueArray(fc.record({ address: anyAddress, mac: anyMac, device: anyDevice }), {
    selector: neighbourKeyOf,
  }),
  proxies: fc.uniqueArray(fc.record({ address: anyIpv6, device: anyDevice }), { selector: neighbourKeyOf }),
  rules: fc.uniqueArray(
    fc.record(
      { family: anyFamily, table: anyTable, device: anyDevice },
      { requiredKeys: ['family', 'table'] },
    ),
    {
      selector: ({ family, table, device }) => `${family} ${table} ${device}`,
    },
  ),
  gateways: fc.uniqueArray(
    fc.record(
      {
        device: anyDevice,
        mac: anyMac,
        ipv4: anyGateway4.map(ipv4),
        ipv6: anyGateway6.map(ipv6),
      },
      { requiredKeys: ['device'] },
    ),
    { selector: ({ device }) => device },
  ),
})

const anyHeld = fc.record({
  address: fc.oneof(anyGateway4, anyGateway6).map(addressOf),
  marked: fc.boolean(),
})

const anyObserved: fc.Arbitrary<ObservedRouting> = fc.record({
  routes: fc.uniqueArray(
    fc.tuple(anyRoute, anyTable, anyMetric, fc.boolean()).map(([route, table, metric, hasForm]) => ({
      ...{ table, metric, prefix: route.prefix },
      ...(hasForm ? { route } : {}),
    })),
    { selector: ({ table, prefix, metric }) => `${table} ${prefix} ${metric}` },
  ),
  foreign: fc.array(
    fc.record({
      table: anyTable,
      prefix: fc.constantFrom('203.0.113.1/32', '2001:db8::1/128', '0.0.0.0/0').map(prefixOf),
      metric: anyMetric,
      protocol: fc.constantFrom(3, 12),
    }),
  ),
  neighbours: fc.uniqueArray(
    fc.record({ address: anyAddress, mac: anyMac, device: anyDevice, marked: fc.boolean() }),
    { selector: neighbourKeyOf },
  ),
  proxies: fc.uniqueArray(fc.record({ address: anyIpv6, device: anyDevice, marked: fc.boolean() }), {
    selector: neighbourKeyOf,
  }),
  rules: fc.array(
    fc.record(
      {
        family: anyFamily,
        pref: fc.constantFrom(5100, 5101),
        table: anyTable,
        device: anyDevice,
        suppress: fc.constant(0),
        peculiar: fc.boolean(),
      },
      { requiredKeys: ['family', 'pref', 'table', 'peculiar'] },
    ),
  ),
  gateways: fc.uniqueArray(
    fc.record(
      {
        device: anyDevice,
        mac: anyMac,
        addresses: fc.uniqueArray(anyHeld, { selector: ({ address }) => address }),
        proxyArp: fc.boolean(),
        proxyNdp: fc.boolean(),
      },
      { requiredKeys: ['device', 'addresses', 'proxyArp', 'proxyNdp'] },
    ),
    { selector: ({ device }) => device },
  ),
})

const settle = (wanted: Routing, observed: ObservedRouting) =>
  diffRouting(wanted, observed).reduce(afterChange, observed)

test('one round is enough: the next finds nothing to do', () => {
  fc.assert(
    fc.property(anyWanted, anyObserved, (wanted, observed) => {
      expect(diffRouting(wanted, settle(wanted, observed))).toEqual([])
    }),
  )
})

test('whatever was there, everything wanted is there in the end, but for what somebody else’s is in the way of', () => {
  fc.assert(
    fc.property(anyWanted, anyObserved, (wanted, observed) => {
      const settled = settle(wanted, observed)
      const obstacles = findObstacles(wanted, observed).map(({ wanted: hindered }) => hindered)
      const hindered = new Set<unknown>(obstacles)
      const routes = settled.routes.map(({ route }) => route)
      for (const route of wanted.routes.filter(route => !hindered.has(route)))
        expect(routes).toContainEqual(route)
      for (const neighbour of wanted.neighbours.filter(entry => !hindered.has(entry)))
        expect(settled.neighbours).toContainEqual(expect.objectContaining(neighbour))
      expect(settled.rules).toHaveLength(wanted.rules.length)
    }),
  )
})

test('nothing of anybody else’s is ever touched', () => {
  const foreignIn = ({ foreign, neighbours, proxies, gateways }: ObservedRouting) => ({
    foreign,
    neighbours: neighbours.filter(({ marked }) => !marked),
    proxies: proxies.filter(({ marked }) => !marked),
    addresses: gateways
      .flatMap(({ device, addresses }) => addresses.map(held => ({ device, ...held })))
      .filter(({ marked }) => !marked)
      .toSorted((a, b) => a.device.localeCompare(b.device)),
  })
  fc.assert(
    fc.property(anyWanted, anyObserved, (wanted, observed) => {
      expect(foreignIn(settle(wanted, observed))).toEqual(foreignIn(observed))
    }),
  )
})
