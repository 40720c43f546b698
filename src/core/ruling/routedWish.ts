import { eachByItself } from '../guest/eachByItself.ts'
import type { FurtherRoute } from '../guest/further.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import { memoOf, memoOfLast } from '../values/memo.ts'
import { addressIndex, PrefixIndex } from '../values/prefixIndex.ts'

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

/** The prefixes that are wanted behind a guest: by its Notes, where these are trusted, and by other files. */
function routedWishes(
  guest: Guest,
  { trustsNotes, notesOf }: Pick<WishContext, 'trustsNotes' | 'notesOf'>,
): RoutedWish[] {
  const noted = trustsNotes ? notesOf(guest.vmid).routes : []
  const { file = guest.file, routes = [] } = guest.further ?? {}
  return [
    ...noted.map(prefix => ({ guest, prefix, file: guest.file, source: 'Notes' }) as const),
    ...routes.map(route => ({ ...route, guest, file, source: 'fast-announcer file' }) as const),
  ]
}

/** The wishes of a guest, weighed once while all they are judged by is the same. */
export function weighedWishes(
  guest: Guest,
  { trustsNotes, mayLeave, notesOf, guests }: WishContext,
): readonly WeighedWish[] {
  return weigherOf(trustsNotes, mayLeave, notesOf, guests)(guest)
}

const weigherOf = memoOfLast(
  (
    trustsNotes: WishContext['trustsNotes'],
    mayLeave: WishContext['mayLeave'],
    notesOf: WishContext['notesOf'],
    guests: WishContext['guests'],
  ): ((guest: Guest) => readonly WeighedWish[]) => {
    const wishesOf = memoOf((guest: Guest) => routedWishes(guest, { trustsNotes, notesOf }))
    const wanted = new PrefixIndex(
      eachByItself(guests, wishesOf).results.map(wish => [wish.prefix, wish] as const),
    )
    return memoOf((guest: Guest) =>
      wishesOf(guest).map(wish => {
        const objection = objectionTo(wish, mayLeave, guests)
        const rival = wanted.find(wish.prefix, other => other.guest.vmid !== guest.vmid)
        return { ...wish, ...(objection !== undefined && { objection }), isContested: rival !== undefined }
      }),
    )
  },
)

function objectionTo(
  { prefix, guest: { vmid } }: RoutedWish,
  mayLeave: WishContext['mayLeave'],
  guests: readonly Guest[],
): string | undefined {
  if (!mayLeave(prefix)) return 'the policy does not allow this prefix'
  const other = guestsByAddress(guests).find(prefix, guest => guest.vmid !== vmid)
  return other && `it holds an address of guest ${other.vmid}`
}

/** Made once while the guests are the same, and only where somebody wants a prefix. */
const guestsByAddress = memoOf((guests: readonly Guest[]) =>
  addressIndex(
    guests.flatMap(guest =>
      guest.nics.flatMap(({ addressing }) =>
        staticAddresses(addressing).map(address => [address, guest] as const),
      ),
    ),
  ),
)

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
