import type { MarkedRoute, ObservedRouting } from '../src/core/routing/observation.ts'
import { ROUTE_METRIC } from '../src/core/routing/observation.ts'
import type { GuestRoute, Neighbour, ProxyNeighbour, Routing } from '../src/core/routing/routing.ts'
import { type Address, type Ipv6, type Prefix, parseAddress, parseIpv6 } from '../src/core/values/address.ts'
import { parsePrefix } from '../src/core/values/prefix.ts'
import { ipv4, macOf } from './builders.ts'

export function addressOf(text: string): Address {
  return parseAddress(text) ?? invalid(text)
}

export function ipv6(text: string): Ipv6 {
  return parseIpv6(text) ?? invalid(text)
}

export function prefixOf(text: string): Prefix {
  return parsePrefix(text) ?? invalid(text)
}

function invalid(text: string): never {
  throw new Error(`the test's own ${JSON.stringify(text)} is not valid`)
}

export function routeTo(prefix: string, device = 'vmbr0', via?: string): GuestRoute {
  return { prefix: prefixOf(prefix), device, ...(via === undefined ? {} : { via: addressOf(via) }) }
}

export function markedRoute(route: GuestRoute, given: Partial<MarkedRoute> = {}): MarkedRoute {
  return { table: 100, metric: ROUTE_METRIC, prefix: route.prefix, route, ...given }
}

export function neighbourAt(address: string, mac: string, device = 'vmbr0'): Neighbour {
  return { address: addressOf(address), mac: macOf(mac), device }
}

export function proxyFor(address: string, device = 'vmbr0'): ProxyNeighbour {
  return { address: ipv6(address), device }
}

export const NO_ROUTING: Routing = {
  table: 100,
  routes: [],
  neighbours: [],
  proxies: [],
  rules: [],
  gateways: [],
}

export const NOTHING_OBSERVED: ObservedRouting = {
  routes: [],
  foreign: [],
  neighbours: [],
  proxies: [],
  rules: [],
  gateways: [],
}

/** What a node with so many guests on vmbr0 wants, of both families, with the bridge as their gateway. */
export function routingOf(guests: number): Routing {
  const numbers = Array.from({ length: guests }, (_, index) => index + 1)
  const addresses = numbers.flatMap(number => [
    [`203.0.${113 + (number >> 8)}.${number & 255}/32`, number] as const,
    [`2001:db8:a::${number.toString(16)}/128`, number] as const,
  ])
  return {
    table: 100,
    routes: addresses.map(([address]) => routeTo(address)),
    neighbours: addresses.map(([address, number]) =>
      neighbourAt(address.replace(/\/.*/, ''), macOfGuest(number)),
    ),
    proxies: [],
    rules: (['ipv4', 'ipv6'] as const).flatMap(family => [
      { family, table: 100 },
      { family, table: 101, device: 'vmbr0' },
    ]),
    gateways: [
      {
        device: 'vmbr0',
        mac: macOf('da:f0:f1:08:55:c4'),
        ipv4: ipv4('172.31.1.1'),
        ipv6: ipv6('fe80::1'),
      },
    ],
  }
}

/** The same as `macOf` of test/e2e/world.ts. */
function macOfGuest(number: number): string {
  const octets = [number >> 8, number & 255].map(octet => octet.toString(16).padStart(2, '0'))
  return `52:54:00:00:${octets.join(':')}`
}
