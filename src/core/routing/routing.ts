import type { Address, Ipv4, Ipv6, Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import { canonical } from '../values/memo.ts'

/** Marks routes, neighbours and rules as guestnet's: the `protocol` of ip-route(8), ip-neighbour(8) and ip-rule(8). */
export const PROTOCOL = 103

/** Preferences of the rules: before `main` (32766), after what administrators usually add. */
export const RULE_PREF = { toGuests: 5100, fromDevice: 5101 } as const

/** A route in the table of the guests: to a guest's address on a device, or to a prefix behind a guest, or to nowhere. */
export interface GuestRoute {
  readonly prefix: Prefix
  /** Absent: what is sent there is dropped, a `blackhole` route. */
  readonly device?: string
  /** The guest's address the prefix is behind; reached directly on the device (`onlink`). */
  readonly via?: Address
}

/** A permanent neighbour entry. */
export interface Neighbour {
  readonly address: Address
  readonly mac: Mac
  readonly device: string
}

/** An address on another node that this node answers neighbour solicitations for (`ip neighbour add proxy`). */
export interface ProxyNeighbour {
  readonly address: Ipv6
  readonly device: string
}

/**
 * A policy rule. Without a device: everything is routed by that table, the guests', as far as it knows more than a default
 * route (`suppress_prefixlength 0`). With one: what comes in by it is, and the table is that of the guests' way out.
 */
export interface GuestRule {
  readonly family: Family
  readonly table: number
  readonly device?: string
}

/** The gateway that guests have on every node alike: addresses and MAC of a bridge. */
export interface Gateway {
  readonly device: string
  readonly mac?: Mac
  readonly ipv4?: Ipv4
  readonly ipv6?: Ipv6
}

/** Everything in the kernel that announcing needs. */
export interface Routing {
  /** That of the guests' routes. */
  readonly table: number
  readonly routes: readonly GuestRoute[]
  readonly neighbours: readonly Neighbour[]
  readonly proxies: readonly ProxyNeighbour[]
  readonly rules: readonly GuestRule[]
  readonly gateways: readonly Gateway[]
}

/** One string for equal things: what is compared and counted by. */
export const keyOf = {
  route: ({ prefix, device, via }: GuestRoute): string => `${prefix} ${via ?? ''} ${device ?? ''}`,
  neighbour: ({ address, mac, device }: Neighbour): string => `${address} ${mac} ${device}`,
  proxy: ({ address, device }: ProxyNeighbour): string => `${address} ${device}`,
  rule: ({ family, table, device }: GuestRule): string => `${family} ${table} ${device ?? ''}`,
} as const

/** Equal routes as one value, whoever tells of them: a node may have ten thousand, which each look compares. */
export const guestRoute = canonical(keyOf.route)
