import type { GatewayPart, RoutingChange } from '../src/core/routing/change.ts'
import type {
  MarkedRoute,
  MarkedRule,
  ObservedGateway,
  ObservedRouting,
} from '../src/core/routing/observation.ts'
import { neighbourKeyOf } from '../src/core/routing/obstacle.ts'
import { type Gateway, type GuestRule, RULE_PREF } from '../src/core/routing/routing.ts'
import { assertNever } from '../src/core/values/brand.ts'
import { markedRoute } from './routings.ts'

/** What the kernel has after a change, as far as diffing cares; table 100 is guestnet's. */
export function afterChange(kernel: ObservedRouting, change: RoutingChange): ObservedRouting {
  switch (change.kind) {
    case 'route-set': {
      const route = markedRoute(change.route)
      const samePlace = ({ table, prefix, metric }: Omit<MarkedRoute, 'route'>) =>
        table === 100 && prefix === route.prefix && metric === route.metric
      return {
        ...kernel,
        // `replace` cares for nobody's mark.
        foreign: kernel.foreign.filter(other => !samePlace(other)),
        routes: [...kernel.routes.filter(other => !samePlace(other)), route],
      }
    }
    case 'route-remove':
      return { ...kernel, routes: kernel.routes.filter(route => route !== change.route) }
    case 'neighbour-set':
      return {
        ...kernel,
        neighbours: [...without(kernel.neighbours, change.neighbour), { ...change.neighbour, marked: true }],
      }
    case 'neighbour-remove':
      return { ...kernel, neighbours: without(kernel.neighbours, change.neighbour) }
    case 'proxy-set':
      return {
        ...kernel,
        proxies: [...without(kernel.proxies, change.proxy), { ...change.proxy, marked: true }],
      }
    case 'proxy-remove':
      return { ...kernel, proxies: without(kernel.proxies, change.proxy) }
    case 'rule-add':
      return { ...kernel, rules: [...kernel.rules, markedRule(change.rule)] }
    case 'rule-remove':
      return { ...kernel, rules: kernel.rules.toSpliced(kernel.rules.indexOf(change.rule), 1) }
    case 'gateway-set': {
      const others = kernel.gateways.filter(({ device }) => device !== change.gateway.device)
      const present = kernel.gateways.find(({ device }) => device === change.gateway.device)
      const { device } = change.gateway
      const bare: ObservedGateway = { device, addresses: [], proxyArp: false, proxyNdp: false }
      const set = change.missing.reduce((held, part) => withPart(held, change.gateway, part), present ?? bare)
      // A new MAC takes everybody's neighbours; the model spares those of others, whose loss cannot be helped.
      const lose = ({ marked, ...entry }: { device: string; marked: boolean }) =>
        marked && entry.device === device && change.missing.includes('mac')
      const neighbours = kernel.neighbours.filter(entry => !lose(entry))
      return { ...kernel, neighbours, gateways: [...others, set] }
    }
    case 'gateway-remove':
      return {
        ...kernel,
        gateways: kernel.gateways.map(gateway =>
          gateway.device === change.device
            ? {
                ...gateway,
                addresses: gateway.addresses.filter(({ address }) => address !== change.address),
              }
            : gateway,
        ),
      }
    default:
      return assertNever(change)
  }
}

function without<T extends { address: string; device: string }>(
  entries: readonly T[],
  place: { address: string; device: string },
): T[] {
  return entries.filter(entry => neighbourKeyOf(entry) !== neighbourKeyOf(place))
}

function markedRule(rule: GuestRule): MarkedRule {
  return rule.device === undefined
    ? { ...rule, pref: RULE_PREF.toGuests, suppress: 0, peculiar: false }
    : { ...rule, pref: RULE_PREF.fromDevice, peculiar: false }
}

function withPart(held: ObservedGateway, gateway: Gateway, part: GatewayPart): ObservedGateway {
  switch (part) {
    case 'mac':
      return gateway.mac === undefined ? held : { ...held, mac: gateway.mac }
    case 'ipv4':
    case 'ipv6': {
      const address = gateway[part]
      if (address === undefined) return held
      return { ...held, addresses: [...held.addresses, { address, marked: true }] }
    }
    case 'proxyArp':
    case 'proxyNdp':
      return { ...held, [part]: true }
    default:
      return assertNever(part)
  }
}
