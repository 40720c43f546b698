import { eachByItself } from '../guest/eachByItself.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import { memoOfLast } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import { PrefixIndex } from '../values/prefixIndex.ts'
import type { RoutedWish, WeighedWish, WishContext } from './routedWish.ts'

/** The wishes of a guest, weighed once while nothing that they are judged by is another: then the same list. */
export function weighedWishes(
  guest: Guest,
  { trustsNotes, mayLeave, notesOf, guests }: WishContext,
): readonly WeighedWish[] {
  return registerFor(trustsNotes, mayLeave).among(guests, notesOf).weigh(guest)
}

const registerFor = memoOfLast(
  (trustsNotes: WishContext['trustsNotes'], mayLeave: WishContext['mayLeave']) =>
    new WishRegister(trustsNotes, mayLeave),
)

/** What is known of a guest, and by which Notes. */
interface Entry {
  readonly guest: Guest
  readonly notes: LocatedNotes
  readonly wishes: readonly RoutedWish[]
  readonly addresses: readonly Prefix[]
  /** Absent: not weighed yet, or not since something came or went that it may depend on. */
  weighed?: readonly WeighedWish[]
}

/**
 * What the guests of the cluster want behind them, and which addresses they have. It is brought up to date rather than made anew: an edit
 * of one guest concerns those whose wishes overlap with its own and with its addresses, and no others.
 */
export class WishRegister {
  readonly #trustsNotes: boolean
  readonly #mayLeave: WishContext['mayLeave']
  readonly #entries = new Map<Guest, Entry>()
  #wanted = new PrefixIndex<RoutedWish>()
  /** Guests by their addresses. Absent: nobody wants anything, so far. */
  #holders: PrefixIndex<Guest> | undefined
  #last: Pick<WishContext, 'guests' | 'notesOf'> | undefined

  constructor(trustsNotes: boolean, mayLeave: WishContext['mayLeave']) {
    this.#trustsNotes = trustsNotes
    this.#mayLeave = mayLeave
  }

  /** Itself, of these guests. */
  among(guests: WishContext['guests'], notesOf: WishContext['notesOf']): this {
    if (this.#last?.guests === guests && this.#last.notesOf === notesOf) return this
    const gone = new Set(this.#entries.keys())
    // One of which it cannot be told what it wants is set aside where that is asked.
    const { results: fresh } = eachByItself(guests, guest => {
      const isAsBefore = this.#entries.get(guest)?.notes === notesOf(guest.vmid) && gone.delete(guest)
      return isAsBefore ? [] : [guest]
    })
    if (gone.size + fresh.length > this.#entries.size / 2) this.#begin(guests, notesOf)
    else this.#bringUpToDate([...gone], fresh, notesOf)
    this.#last = { guests, notesOf }
    return this
  }

  /** What a guest wants, and what stands against it: the same list while none of that is another. */
  weigh(guest: Guest): readonly WeighedWish[] {
    const entry = this.#entries.get(guest)
    if (entry?.weighed) return entry.weighed
    const wishes = entry?.wishes ?? this.#wishesOf(guest, this.#last?.notesOf(guest.vmid))
    const weighed = wishes.map((wish): WeighedWish => {
      const objection = this.#objectionTo(wish)
      const rival = this.#wanted.find(wish.prefix, other => other.guest.vmid !== guest.vmid)
      return { ...wish, ...(objection !== undefined && { objection }), isContested: rival !== undefined }
    })
    if (entry) entry.weighed = weighed
    return weighed
  }

  #objectionTo({ prefix, guest: { vmid } }: RoutedWish): string | undefined {
    if (!this.#mayLeave(prefix)) return 'the policy does not allow this prefix'
    this.#holders ??= new PrefixIndex(
      [...this.#entries.values()].flatMap(({ guest, addresses }) =>
        addresses.map(address => [address, guest] as const),
      ),
    )
    const other = this.#holders.find(prefix, guest => guest.vmid !== vmid)
    return other && `it holds an address of guest ${other.vmid}`
  }

  #begin(guests: readonly Guest[], notesOf: WishContext['notesOf']): void {
    this.#entries.clear()
    this.#holders = undefined
    const entries = this.#enter(guests, notesOf)
    this.#wanted = new PrefixIndex(
      entries.flatMap(({ wishes }) => wishes.map(wish => [wish.prefix, wish] as const)),
    )
  }

  #bringUpToDate(gone: readonly Guest[], fresh: readonly Guest[], notesOf: WishContext['notesOf']): void {
    const former = gone.flatMap(guest => this.#entries.get(guest) ?? [])
    for (const { guest, wishes, addresses } of former) {
      this.#entries.delete(guest)
      for (const wish of wishes) this.#wanted.remove(wish.prefix, wish)
      for (const address of addresses) this.#holders?.remove(address, guest)
    }
    const now = this.#enter(fresh, notesOf)
    for (const { guest, wishes, addresses } of now) {
      for (const wish of wishes) this.#wanted.add(wish.prefix, wish)
      for (const address of addresses) this.#holders?.add(address, guest)
    }
    for (const { wishes, addresses } of [...former, ...now]) {
      for (const { prefix } of wishes) this.#doubt(prefix)
      for (const address of addresses) this.#doubt(address)
    }
  }

  #enter(guests: readonly Guest[], notesOf: WishContext['notesOf']): readonly Entry[] {
    return eachByItself(guests, guest => {
      const notes = notesOf(guest.vmid)
      const entry = { guest, notes, wishes: this.#wishesOf(guest, notes), addresses: addressesOf(guest) }
      this.#entries.set(guest, entry)
      return [entry]
    }).results
  }

  /** What is wanted of a network has to be weighed again. */
  #doubt(prefix: Prefix): void {
    for (const { guest } of this.#wanted.overlapping(prefix)) {
      const entry = this.#entries.get(guest)
      if (entry) delete entry.weighed
    }
  }

  /** By its Notes, where these are trusted, and by other files. */
  #wishesOf(guest: Guest, notes: LocatedNotes | undefined): RoutedWish[] {
    const noted = this.#trustsNotes ? (notes?.routes ?? []) : []
    const { file = guest.file, routes = [] } = guest.further ?? {}
    return [
      ...noted.map(prefix => ({ guest, prefix, file: guest.file, source: 'Notes' }) as const),
      ...routes.map(route => ({ ...route, guest, file, source: 'fast-announcer file' }) as const),
    ]
  }
}

function addressesOf({ nics }: Guest): Prefix[] {
  return nics.flatMap(({ addressing }) => staticAddresses(addressing).map(hostPrefix))
}
