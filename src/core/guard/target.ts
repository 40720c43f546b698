import type { NicName } from '../guest/names.ts'
import type { Problem } from '../problem/problem.ts'
import type { Address, Ipv6 } from '../values/address.ts'
import type { Strictness } from './drop.ts'
import type { Entry, NetworkId } from './entry.ts'

/** A guest's port, and all that may leave it. */
export interface GuardPort {
  readonly link: string
  /** Tells it from a port of another guest, or one that was there before under the same name. */
  readonly label: string
  readonly entries: ReadonlySet<Entry>
}

/** What the guard should be: what is compared with what is. */
export interface GuardTarget {
  readonly mode: 'off' | 'report' | 'on'
  readonly ports: readonly GuardPort[]
  readonly networks: ReadonlyMap<NetworkId, ReadonlySet<Address>>
  readonly linkLocals: ReadonlySet<Ipv6>
}

/** What should be, and how it is told. */
export interface GuardIntent extends GuardTarget {
  readonly nics: readonly GuardedNic[]
  readonly problems: readonly Problem[]
}

/** How a NIC with a port here is guarded. */
export interface GuardedNic extends NicName {
  readonly link: string
  readonly strictness: Strictness
  /** What keeps it from being guarded more. */
  readonly because?: string
}
