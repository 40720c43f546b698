import type { GatewayPart, RoutingChange } from '../core/routing/change.ts'
import { type MarkedRoute, type MarkedRule, markedRule, ROUTE_METRIC } from '../core/routing/observation.ts'
import { type Gateway, type GuestRoute, PROTOCOL } from '../core/routing/routing.ts'
import { type Address, isIpv4, isLinkLocal } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { enableIpv6, noProxySysctls, proxySysctls, type Sysctl } from './proxySysctls.ts'

/**
 * How `ip -batch`, ip(8), is started for a line. Most lines tell their family by an address, or concern links, and can all be
 * carried out by one process (`any`); a rule need not name any address, and without `-6` is one of IPv4.
 */
export type Batch = 'any' | 'ipv6'

/** How a rule of that family is told. */
export const BATCH_OF_RULE = { ipv4: 'any', ipv6: 'ipv6' } as const satisfies Record<Family, Batch>

export interface Line {
  readonly batch: Batch
  readonly text: string
}

/** What carries a change out: settings first, then lines. */
export interface RenderedChange {
  readonly sysctls: readonly Sysctl[]
  readonly lines: readonly Line[]
}

/** ip-route(8), ip-neighbour(8), ip-rule(8), ip-address(8). `mark`: the instance's. */
export function renderRoutingChange(change: RoutingChange, mark: number = PROTOCOL): RenderedChange {
  switch (change.kind) {
    case 'route-set':
      return line('any', renderRoute(change.route, change.table, mark))
    case 'route-remove':
      return line('any', renderRouteRemoval(change.route, mark))
    case 'neighbour-set': {
      const { address, mac, device } = change.neighbour
      const entry = `${address} lladdr ${mac} dev ${device} nud permanent protocol ${mark}`
      return line('any', `neighbour replace ${entry}`)
    }
    case 'neighbour-remove': {
      const { address, device } = change.neighbour
      return line('any', `neighbour del ${address} dev ${device}`)
    }
    case 'proxy-set':
      return line(
        'any',
        `neighbour add proxy ${change.proxy.address} dev ${change.proxy.device} protocol ${mark}`,
      )
    case 'proxy-remove':
      return line('any', `neighbour del proxy ${change.proxy.address} dev ${change.proxy.device}`)
    case 'rule-add':
      return line(BATCH_OF_RULE[change.rule.family], `rule add ${renderRule(markedRule(change.rule), mark)}`)
    case 'rule-remove':
      return line(BATCH_OF_RULE[change.rule.family], `rule del ${renderRule(change.rule, mark)}`)
    case 'gateway-set':
      return join(change.missing.map(part => renderPart(change.gateway, part, mark)))
    case 'gateway-remove':
      return join([
        line('any', `address del ${withLength(change.address)} dev ${change.device}`),
        isLinkLocal(change.address) ? line('any', removeLinkLocalRoute(change.device, mark)) : join([]),
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

function renderRoute({ prefix, device, via }: GuestRoute, table: number, mark: number): string {
  const place = `table ${table} metric ${ROUTE_METRIC} proto ${mark}`
  if (device === undefined) return `route replace blackhole ${prefix} ${place}`
  // A gateway that no route of the main table leads to is taken for reachable.
  const way = via === undefined ? `dev ${device}` : `via ${via} dev ${device} onlink`
  return `route replace ${prefix} ${way} ${place}`
}

function renderRouteRemoval({ prefix, table, metric, route }: MarkedRoute, mark: number): string {
  const via = route?.via === undefined ? '' : ` via ${route.via}`
  const way = route?.device === undefined ? '' : `${via} dev ${route.device}`
  return `route del ${prefix}${way} table ${table} metric ${metric} proto ${mark}`
}

function renderRule({ pref, table, device, suppress }: MarkedRule, mark: number): string {
  const iif = device === undefined ? '' : ` iif ${device}`
  const suppressed = suppress === undefined ? '' : ` suppress_prefixlength ${suppress}`
  return `pref ${pref}${iif} lookup ${table}${suppressed} protocol ${mark}`
}

function renderPart(gateway: Gateway, part: GatewayPart, mark: number): RenderedChange {
  const { device, mac, ipv4, ipv6 } = gateway
  switch (part) {
    case 'mac':
      return line('any', `link set dev ${device} address ${mac}`)
    case 'ipv4':
      return ipv4 === undefined ? join([]) : line('any', renderAddress(ipv4, device, mark))
    case 'ipv6': {
      if (ipv6 === undefined) return join([])
      return { ...line('any', `${renderAddress(ipv6, device, mark)} nodad`), sysctls: [enableIpv6(device)] }
    }
    case 'proxyArp':
      return { sysctls: proxySysctls('ipv4', device), lines: [] }
    case 'proxyNdp':
      return { sysctls: proxySysctls('ipv6', device), lines: [] }
    default:
      return assertNever(part)
  }
}

function renderAddress(address: Address, device: string, mark: number): string {
  return `address add ${withLength(address)} dev ${device} metric ${mark}`
}

/** A link-local gateway brings the route by which guests' link-local addresses are answered. */
function withLength(address: Address): string {
  if (isIpv4(address)) return `${address}/32`
  return isLinkLocal(address) ? `${address}/64` : `${address}/128`
}

/** The kernel keeps that route while the device has another link-local address. */
function removeLinkLocalRoute(device: string, mark: number): string {
  return `route del fe80::/64 dev ${device} metric ${mark}`
}
