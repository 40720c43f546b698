import type { FurtherRoute } from '../guest/further.ts'
import type { Guest } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import { PrefixIndex } from '../values/prefixIndex.ts'

/** A prefix that somebody wants behind a guest, and who says so. */
export interface RoutedWish extends FurtherRoute {
  readonly guest: Guest
  readonly file: string
  readonly source: 'Notes' | 'fast-announcer file'
}

/** A wish, and what stands against it. */
export interface WeighedWish extends RoutedWish {
  /** Why the guest may not have it, whatever else is given; absent: it may. */
  readonly objection?: string
  /** Another guest wants it, or a part of it, or more: whoever is given it first has it. */
  readonly isContested: boolean
}

/** What wishes are judged by. */
export interface WishContext {
  /** Notes are trusted: tenants may edit them. */
  readonly trustsNotes: boolean
  /** Whether the policy lets a prefix out. */
  readonly mayLeave: (prefix: Prefix) => boolean
  readonly notesOf: (vmid: Guest['vmid']) => LocatedNotes
  /** Every guest of the cluster. */
  readonly guests: readonly Guest[]
}

/** What guests have behind them already, as far as others want it, too: most wishes are nobody else's, and not looked for here. */
export class GivenPrefixes {
  readonly #contested = new PrefixIndex<RoutedWish>()

  /** Why a wish cannot be given; `undefined`: it can. */
  objectionTo({ objection, isContested, prefix, guest }: WeighedWish): string | undefined {
    if (objection !== undefined || !isContested) return objection
    const rival = this.#contested.find(prefix, other => other.guest.vmid !== guest.vmid)
    return rival && `guest ${rival.guest.vmid} has ${rival.prefix} behind it`
  }

  give(wish: WeighedWish): void {
    if (wish.isContested) this.#contested.add(wish.prefix, wish)
  }
}
