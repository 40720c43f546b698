import type { Lease } from '../dhcp/lease.ts'
import type { Address, Ipv6 } from '../values/address.ts'
import type { Drop } from './drop.ts'
import type { Entry, NetworkId } from './entry.ts'
import type { Quick } from './quick.ts'

/** What there is of the guard. */
export interface GuardObservation {
  readonly table: GuardTable
  /** Absent: not known, or not looked at because nothing is guarded. */
  readonly leases?: readonly Lease[]
}

/** The guard's own nftables table. */
export interface GuardTable {
  readonly exists: boolean
  /** What all ports share is as this version makes it. */
  readonly intact: boolean
  readonly mode?: 'report' | 'on'
  /** By link; also where only something is left of a port. */
  readonly ports: ReadonlyMap<string, ObservedPort>
  /** Who has what in networks in which ports are open. */
  readonly networks: ReadonlyMap<NetworkId, ObservedNetwork>
  /** Link-local addresses that are somebody's, whoever's. */
  readonly linkLocals: ReadonlySet<Ipv6>
  /** By link; absent: nothing was dropped. */
  readonly drops: ReadonlyMap<string, readonly Drop[]>
}

export interface ObservedPort {
  /** What its chain says of itself; absent: it has none, or one that is not as guestnet made it. */
  readonly label?: string
  readonly hasChain: boolean
  /** What its own rules let pass. */
  readonly quick: readonly Quick[]
  readonly entries: ReadonlySet<Entry>
}

export interface ObservedNetwork {
  readonly intact: boolean
  readonly held: ReadonlySet<Address>
}

/** What there is where there is no table. */
export const NO_GUARD: GuardTable = {
  exists: false,
  intact: false,
  ports: new Map(),
  networks: new Map(),
  linkLocals: new Set(),
  drops: new Map(),
}
