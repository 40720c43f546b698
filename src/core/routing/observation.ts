import type { Address, Ipv6, Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import { type GuestRoute, type GuestRule, PROTOCOL, RULE_PREF } from './routing.ts'

/**
 * The metric of guestnet's routes. Lower than the 32 that BIRD gives its own, which otherwise would win in IPv6 (where no
 * metric means 1024), and a metric of their own: `ip route replace` replaces whatever has the same prefix and metric.
 */
export const ROUTE_METRIC = 1

/**
 * Marks an address as guestnet's: ip-address(8) knows `proto` since iproute2 6.3 only, but every version shows the metric
 * of the route that comes with the address.
 */
export const ADDRESS_METRIC = PROTOCOL

/** A route with guestnet's mark, in whatever table. */
export interface MarkedRoute {
  readonly table: number
  readonly prefix: Prefix
  readonly metric: number
  /** Absent where it is of a form that guestnet does not make. */
  readonly route?: GuestRoute
}

/** A route of somebody else in one of guestnet's tables, as also BIRD's are. */
export interface ForeignRoute {
  readonly table: number
  readonly prefix: Prefix
  readonly metric: number
  /** A number of rtnetlink(7); 12 is BIRD. */
  readonly protocol: number
}

/** A permanent neighbour entry; the others are the kernel's own and come and go. */
export interface PermanentNeighbour {
  readonly address: Address
  readonly device: string
  readonly mac: Mac
  readonly marked: boolean
}

export interface ObservedProxy {
  readonly address: Ipv6
  readonly device: string
  readonly marked: boolean
}

/** A policy rule with guestnet's mark. */
export interface MarkedRule {
  readonly family: Family
  readonly pref: number
  readonly table: number
  readonly device?: string
  /** `suppress_prefixlength`. */
  readonly suppress?: number
  /** It asks for something that guestnet's rules never ask for, such as a source. */
  readonly peculiar: boolean
}

/** A rule of guestnet's as the kernel has it. */
export function markedRule(rule: GuestRule): MarkedRule {
  const place =
    rule.device === undefined ? { pref: RULE_PREF.toGuests, suppress: 0 } : { pref: RULE_PREF.fromDevice }
  return { ...rule, ...place, peculiar: false }
}

export interface HeldAddress {
  readonly address: Address
  readonly marked: boolean
}

/** A device that is a gateway for guests, or should be. */
export interface ObservedGateway {
  readonly device: string
  readonly mac?: Mac
  readonly addresses: readonly HeldAddress[]
  /** It answers at once, by ARP, for addresses that are reached by another device. */
  readonly proxyArp: boolean
  /** It answers at once, by neighbour discovery, for the addresses of `ip neighbour show proxy`. */
  readonly proxyNdp: boolean
}

/** What the kernel has of what announcing needs. */
export interface ObservedRouting {
  readonly routes: readonly MarkedRoute[]
  readonly foreign: readonly ForeignRoute[]
  readonly neighbours: readonly PermanentNeighbour[]
  readonly proxies: readonly ObservedProxy[]
  readonly rules: readonly MarkedRule[]
  readonly gateways: readonly ObservedGateway[]
}
