import type { Address } from '../values/address.ts'
import { assertNever } from '../values/brand.ts'
import type { Descriptions } from '../values/describe.ts'
import { FAMILY_NAME } from '../values/family.ts'
import { type MarkedRoute, type MarkedRule, markedRule } from './observation.ts'
import type { Gateway, GuestRoute, GuestRule, Neighbour, ProxyNeighbour } from './routing.ts'

/** What a gateway may lack. */
export type GatewayPart = 'mac' | 'ipv4' | 'ipv6' | 'proxyArp' | 'proxyNdp'

/** One step from the kernel's routing as it is to what announcing needs. */
export type RoutingChange =
  | { readonly kind: 'route-set'; readonly table: number; readonly route: GuestRoute }
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

/** One sentence each, in the words of ip(8). */
export const DESCRIBE_ROUTING: Descriptions<RoutingChange> = {
  'route-set': ({ route, table }) => `add route ${describeRoute(route)} table ${table}`,
  'route-remove': ({ route }) => `remove route ${route.prefix} from table ${route.table}`,
  'neighbour-set': ({ neighbour: { address, mac, device } }) =>
    `add neighbour entry ${address} lladdr ${mac} dev ${device}`,
  'neighbour-remove': ({ neighbour: { address, device } }) =>
    `remove neighbour entry ${address} dev ${device}`,
  'proxy-set': ({ proxy }) => `add proxy neighbour entry ${proxy.address} dev ${proxy.device}`,
  'proxy-remove': ({ proxy }) => `remove proxy neighbour entry ${proxy.address} dev ${proxy.device}`,
  'rule-add': ({ rule }) => `add rule ${describeRule(markedRule(rule))}`,
  'rule-remove': ({ rule }) => `remove rule ${describeRule(rule)}`,
  'gateway-set': ({ gateway, missing }) =>
    `give ${gateway.device} ${missing.map(part => describePart(gateway, part)).join(', ')}`,
  'gateway-remove': ({ address, device }) => `remove the gateway's address ${address} from ${device}`,
}

function describeRoute({ prefix, device, via }: GuestRoute): string {
  if (device === undefined) return `blackhole ${prefix}`
  return via === undefined ? `${prefix} dev ${device}` : `${prefix} via ${via} dev ${device}`
}

function describeRule({ pref, family, device, table }: MarkedRule): string {
  const traffic = device === undefined ? `all ${FAMILY_NAME[family]}` : `${FAMILY_NAME[family]} iif ${device}`
  return `${pref}: ${traffic} lookup ${table}`
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
