import type { Vmid } from '../guest/names.ts'
import { groupBy } from '../values/collection.ts'
import { memoOfLast } from '../values/memo.ts'
import type { Announcement } from './announcement.ts'

/**
 * Announcements by the guest whose they are. A guest's list is the same value while nothing of it is another, so that of ten thousand announcements
 * those of the guests are looked at that something happened to.
 */
export type ByGuest = ReadonlyMap<Vmid, readonly Announcement[]>

/** Lists of announcements, and what of them is each guest's. */
const GROUPED = new WeakMap<readonly Announcement[], ByGuest>()

/** The announcements of a list by guest, as it was put together from where that is known. */
export function byGuest(announcements: readonly Announcement[]): ByGuest {
  const known = GROUPED.get(announcements)
  if (known) return known
  const groups = groupBy(announcements, ({ vmid }) => vmid)
  GROUPED.set(announcements, groups)
  return groups
}

/** Puts the announcements of guests together in one list: the same as the last time while each guest's is. */
export function listOfGuests(): (groups: ByGuest) => readonly Announcement[] {
  return memoOfLast(listOf, groups => [...groups.values()])
}

/** The announcements of two lists in one. */
export function bothOf(
  announcements: readonly Announcement[],
  others: readonly Announcement[],
): readonly Announcement[] {
  const all = new Map(byGuest(announcements))
  for (const [vmid, list] of byGuest(others)) {
    const known = all.get(vmid)
    all.set(vmid, known ? [...known, ...list] : list)
  }
  return listOf(all)
}

function listOf(groups: ByGuest): readonly Announcement[] {
  const list = [...groups.values()].flat()
  GROUPED.set(list, groups)
  return list
}
