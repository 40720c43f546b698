import type { GatewayPart, RoutingChange } from '../core/routing/change.ts'
import {
  ADDRESS_METRIC,
  type MarkedRoute,
  type MarkedRule,
  markedRule,
  ROUTE_METRIC,
} from '../core/routing/observation.ts'
import { type Gateway, type GuestRoute, PROTOCOL } from '../core/routing/routing.ts'
import { type Address, isIpv4 } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { enableIpv6, noProxySysctls, proxySysctls, type Sysctl } from './proxySysctls.ts'

/** Lines that `ip -batch`, ip(8), carries out in one process: those of a family, and those that concern links. */
export type Batch = Family | 'link'

export interface Line {
  readonly batch: Batch
  readonly text: string
}

/** What carries a change out: settings first, then lines. */
export interface RenderedChange {
  readonly sysctls: readonly Sysctl[]
  readonly lines: readonly Line[]
}

/** ip-route(8), ip-neighbour(8), ip-rule(8), ip-address(8). */
export function renderRoutingChange(change: RoutingChange): RenderedChange {
  switch (change.kind) {
    case 'route-set':
      return line(familyOf(change.route.prefix), renderRoute(change.route, change.table))
    case 'route-remove':
      return line(familyOf(change.route.prefix), renderRouteRemoval(change.route))
    case 'neighbour-set': {
      const { address, mac, device } = change.neighbour
      const entry = `${address} lladdr ${mac} dev ${device} nud permanent protocol ${PROTOCOL}`
      return line(familyOf(address), `neighbour replace ${entry}`)
    }
    case 'neighbour-remove': {
      const { address, device } = change.neighbour
      return line(familyOf(address), `neighbour del ${address} dev ${device}`)
    }
    case 'proxy-set':
      return line(
        'ipv6',
        `neighbour add proxy ${change.proxy.address} dev ${change.proxy.device} protocol ${PROTOCOL}`,
      )
    case 'proxy-remove':
      return line('ipv6', `neighbour del proxy ${change.proxy.address} dev ${change.proxy.device}`)
    case 'rule-add':
      return line(change.rule.family, `rule add ${renderRule(markedRule(change.rule))}`)
    case 'rule-remove':
      return line(change.rule.family, `rule del ${renderRule(change.rule)}`)
    case 'gateway-set':
      return join(change.missing.map(part => renderPart(change.gateway, part)))
    case 'gateway-remove':
      return join([
        line(familyOf(change.address), `address del ${withLength(change.address)} dev ${change.device}`),
        isLinkLocal(change.address) ? line('ipv6', removeLinkLocalRoute(change.device)) : join([]),
        { sysctls: change.last ? noProxySysctls(familyOf(change.address), change.device) : [], lines: [] },
      ])
    default:
      return assertNever(change)
  }
}

function line(batch: Batch, text: string): RenderedChange {
  return { sysctls: [], lines: [{ batch, text }] }
}

function join(parts: readonly RenderedChange[]): RenderedChange {
  return { sysctls: parts.flatMap(part => part.sysctls), lines: parts.flatMap(part => part.lines) }
}

function renderRoute({ prefix, device, via }: GuestRoute, table: number): string {
  // A gateway that no route of the main table leads to is taken for reachable.
  const way = via === undefined ? `dev ${device}` : `via ${via} dev ${device} onlink`
  return `route replace ${prefix} ${way} table ${table} metric ${ROUTE_METRIC} proto ${PROTOCOL}`
}

function renderRouteRemoval({ prefix, table, metric, route }: MarkedRoute): string {
  const via = route?.via === undefined ? '' : ` via ${route.via}`
  const way = route === undefined ? '' : `${via} dev ${route.device}`
  return `route del ${prefix}${way} table ${table} metric ${metric} proto ${PROTOCOL}`
}

function renderRule({ pref, table, device, suppress }: MarkedRule): string {
  const iif = device === undefined ? '' : ` iif ${device}`
  const suppressed = suppress === undefined ? '' : ` suppress_prefixlength ${suppress}`
  return `pref ${pref}${iif} lookup ${table}${suppressed} protocol ${PROTOCOL}`
}

function renderPart(gateway: Gateway, part: GatewayPart): RenderedChange {
  const { device, mac, ipv4, ipv6 } = gateway
  switch (part) {
    case 'mac':
      return line('link', `link set dev ${device} address ${mac}`)
    case 'ipv4':
      return ipv4 === undefined ? join([]) : line('ipv4', renderAddress(ipv4, device))
    case 'ipv6': {
      if (ipv6 === undefined) return join([])
      return { ...line('ipv6', `${renderAddress(ipv6, device)} nodad`), sysctls: [enableIpv6(device)] }
    }
    case 'proxyArp':
      return { sysctls: proxySysctls('ipv4', device), lines: [] }
    case 'proxyNdp':
      return { sysctls: proxySysctls('ipv6', device), lines: [] }
    default:
      return assertNever(part)
  }
}

function renderAddress(address: Address, device: string): string {
  return `address add ${withLength(address)} dev ${device} metric ${ADDRESS_METRIC}`
}

/** A link-local gateway brings the route by which guests' link-local addresses are answered. */
function withLength(address: Address): string {
  if (isIpv4(address)) return `${address}/32`
  return isLinkLocal(address) ? `${address}/64` : `${address}/128`
}

function isLinkLocal(address: Address): boolean {
  return address.startsWith('fe80:')
}

/** The kernel keeps that route while the device has another link-local address. */
function removeLinkLocalRoute(device: string): string {
  return `route del fe80::/64 dev ${device} metric ${ADDRESS_METRIC}`
}
