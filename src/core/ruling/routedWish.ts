import type { FurtherRoute } from '../guest/further.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import { contains, overlaps } from '../values/prefix.ts'

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

/** Why a guest may not have a prefix behind it; `undefined`: it may. `given`: what other guests have behind them. */
export function objectionTo(
  prefix: Prefix,
  { vmid }: Pick<Guest, 'vmid'>,
  given: readonly { readonly vmid: number; readonly prefix: Prefix }[],
  { mayLeave, guests }: WishContext,
): string | undefined {
  if (!mayLeave(prefix)) return 'the policy does not allow this prefix'
  const other = guests.find(
    guest =>
      guest.vmid !== vmid &&
      guest.nics.some(({ addressing }) =>
        staticAddresses(addressing).some(address => contains(prefix, address)),
      ),
  )
  if (other) return `it holds an address of guest ${other.vmid}`
  const rival = given.find(one => one.vmid !== vmid && overlaps(one.prefix, prefix))
  return rival && `guest ${rival.vmid} has ${rival.prefix} behind it`
}
