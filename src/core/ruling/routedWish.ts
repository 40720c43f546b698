import type { FurtherRoute } from '../guest/further.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import { memoOf } from '../values/memo.ts'
import { addressIndex, type PrefixIndex } from '../values/prefixIndex.ts'

/** A prefix that somebody wants behind a guest, and who says so. */
export interface RoutedWish extends FurtherRoute {
  readonly guest: Guest
  readonly file: string
  readonly source: 'Notes' | 'fast-announcer file'
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
export function routedWishes(guest: Guest, { trustsNotes, notesOf }: WishContext): RoutedWish[] {
  const noted = trustsNotes ? notesOf(guest.vmid).routes : []
  const { file = guest.file, routes = [] } = guest.further ?? {}
  return [
    ...noted.map(prefix => ({ guest, prefix, file: guest.file, source: 'Notes' }) as const),
    ...routes.map(route => ({ ...route, guest, file, source: 'fast-announcer file' }) as const),
  ]
}

/** A prefix that a guest has behind it. */
interface GivenPrefix {
  readonly vmid: number
  readonly prefix: Prefix
}

/** What guests have behind them already. */
export type GivenPrefixes = PrefixIndex<GivenPrefix>

/** Why a guest may not have a prefix behind it; `undefined`: it may. */
export function objectionTo(
  prefix: Prefix,
  { vmid }: Pick<Guest, 'vmid'>,
  given: GivenPrefixes,
  { mayLeave, guests }: WishContext,
): string | undefined {
  if (!mayLeave(prefix)) return 'the policy does not allow this prefix'
  const other = guestsByAddress(guests).find(prefix, guest => guest.vmid !== vmid)
  if (other) return `it holds an address of guest ${other.vmid}`
  const rival = given.find(prefix, one => one.vmid !== vmid)
  return rival && `guest ${rival.vmid} has ${rival.prefix} behind it`
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
