import type { Address } from '../values/address.ts'
import { assertNever } from '../values/brand.ts'
import { FAMILY_NAME } from '../values/family.ts'
import type { MarkedRoute, MarkedRule } from './observation.ts'
import type { Gateway, GuestRoute, GuestRule, Neighbour, ProxyNeighbour } from './routing.ts'

/** What a gateway may lack. */
export type GatewayPart = 'mac' | 'ipv4' | 'ipv6' | 'proxyArp' | 'proxyNdp'

/** One step from the kernel's routing as it is to what announcing needs. */
export type RoutingChange =
  | { readonly kind: 'route-set'; readonly route: GuestRoute }
  | { readonly kind: 'route-remove'; readonly route: MarkedRoute }
  | { readonly kind: 'neighbour-set'; readonly neighbour: Neighbour }
  | { readonly kind: 'neighbour-remove'; readonly neighbour: Omit<Neighbour, 'mac'> }
  | { readonly kind: 'proxy-set'; readonly proxy: ProxyNeighbour }
  | { readonly kind: 'proxy-remove'; readonly proxy: ProxyNeighbour }
  | { readonly kind: 'rule-add'; readonly rule: GuestRule }
  | { readonly kind: 'rule-remove'; readonly rule: MarkedRule }
  | {
      readonly kind: 'gateway-set'
      readonly gateway: Gateway
      readonly missing: readonly GatewayPart[]
    }
  | {
      readonly kind: 'gateway-remove'
      readonly device: string
      readonly address: Address
      /** No gateway of this family stays on the device: it stops answering for others. */
      readonly last: boolean
    }

/** One sentence in plain words; `table` is that of the guests' routes. */
export function describeRoutingChange(change: RoutingChange, table: number): string {
  switch (change.kind) {
    case 'route-set':
      return `route ${change.route.prefix} ${describeWay(change.route)} in table ${table}`
    case 'route-remove':
      return `remove the route to ${change.route.prefix} from table ${change.route.table}`
    case 'neighbour-set':
      return `reach ${change.neighbour.address} at ${change.neighbour.mac} on ${change.neighbour.device}`
    case 'neighbour-remove':
      return `forget where ${change.neighbour.address} is on ${change.neighbour.device}`
    case 'proxy-set':
      return `answer for ${change.proxy.address} on ${change.proxy.device}`
    case 'proxy-remove':
      return `stop answering for ${change.proxy.address} on ${change.proxy.device}`
    case 'rule-add':
      return `look up ${describeTraffic(change.rule)} in table ${change.rule.table}`
    case 'rule-remove':
      return `stop looking up ${describeTraffic(change.rule)} in table ${change.rule.table} (rule ${change.rule.pref})`
    case 'gateway-set':
      return `give ${change.gateway.device} ${change.missing.map(part => describePart(change.gateway, part)).join(', ')}`
    case 'gateway-remove':
      return `take the gateway's address ${change.address} from ${change.device}`
    default:
      return assertNever(change)
  }
}

function describeWay({ device, via }: GuestRoute): string {
  return via === undefined ? `to ${device}` : `to ${device} by way of ${via}`
}

function describeTraffic({ family, device }: Pick<GuestRule, 'family' | 'device'>): string {
  return device === undefined ? `all ${FAMILY_NAME[family]}` : `${FAMILY_NAME[family]} from ${device}`
}

function describePart(gateway: Gateway, part: GatewayPart): string {
  switch (part) {
    case 'mac':
      return `the gateway's MAC ${gateway.mac}`
    case 'ipv4':
      return `the gateway's address ${gateway.ipv4}`
    case 'ipv6':
      return `the gateway's address ${gateway.ipv6}`
    case 'proxyArp':
      return 'proxy ARP'
    case 'proxyNdp':
      return 'proxy neighbour discovery'
    default:
      return assertNever(part)
  }
}
