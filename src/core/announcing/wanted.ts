import type { Guest, Nic } from '../guest/guest.ts'
import type { NicName } from '../guest/names.ts'
import type { Blackhole } from '../policy/blackhole.ts'
import type { Problem } from '../problem/problem.ts'
import type { Refusal } from '../problem/refusal.ts'
import type { GuestRoute, Routing } from '../routing/routing.ts'
import type { Address } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import type { Announcement } from './announcement.ts'
import type { BirdSettings } from './birdSettings.ts'

/** An address of a guest of this node. */
interface Asked extends NicName {
  readonly guest: Guest
  readonly config: Nic
  readonly address: Address
}

/** A guest's address that belongs on this node. */
export interface Candidate extends Asked {
  readonly mac: Mac
  readonly device: string
  /** What is sent there is to be dropped. */
  readonly blackhole?: Blackhole
}

/** A prefix behind a guest, and the address of the guest that it is announced with. */
export interface RoutedPrefix {
  readonly candidate: Candidate
  readonly route: GuestRoute
}

/** An address that what is sent to is to be dropped, of a guest that does not even live: the attack on it goes on. */
export type Blackholed = Omit<Candidate, 'mac'> & { readonly blackhole: Blackhole }

/** An address of a guest of this node that is not announced. */
export interface Withheld extends NicName {
  readonly address: Address
  readonly refusal: Refusal
}

/** What is to be done about an address. */
export type Verdict =
  | ({ readonly fate: 'here' } & Pick<Candidate, 'device' | 'mac' | 'blackhole'>)
  | ({ readonly fate: 'blackholed' } & Pick<Blackholed, 'device' | 'blackhole'>)
  /** `standby`: it belongs here as soon as the guest's port is up. */
  | {
      readonly fate: 'withheld'
      readonly refusal: Refusal
      readonly standby?: Pick<Candidate, 'device' | 'mac'>
    }

export type Judged = Asked & Verdict

/** What should be in the kernel and told to others. */
export interface GuestsIntent {
  readonly routing: Routing
  readonly announcements: readonly Announcement[]
  /** What BIRD announces by itself as soon as the port is up. */
  readonly standby: readonly Announcement[]
  /** The addresses of this node's guests that are not announced. */
  readonly withheld: readonly Withheld[]
  /** Guests of this node that could not be judged. */
  readonly failed: ReadonlySet<number>
  readonly problems: readonly Problem[]
}

/** What should be announced. */
export interface AnnounceIntent {
  readonly routing: Routing
  /** Every prefix that belongs here. */
  readonly announcements: readonly Announcement[]
  /** What BIRD announces by itself as soon as the port is up. */
  readonly standby: readonly Announcement[]
  readonly withheld: readonly Withheld[]
  /** Why nothing at all is announced from this node. */
  readonly refusal?: Refusal
  /** What guestnet makes the node forward; absent: that is left to the administrator. */
  readonly forwarding?: readonly Family[]
  /** guestnet's own BIRD and what it tells; absent: there should be none. */
  readonly bird?: {
    readonly settings: BirdSettings
    readonly announcements: readonly Announcement[]
    readonly standby: readonly Announcement[]
  }
  readonly problems: readonly Problem[]
}
