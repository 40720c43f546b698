import { type Guest, networkOf } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import type { Blackhole } from '../policy/blackhole.ts'
import { type GuestRoute, guestRoute, type Neighbour } from '../routing/routing.ts'
import type { Prefix } from '../values/address.ts'
import { isSameList, memoOf } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import { type Announcement, announcementText } from './announcement.ts'
import { communitiesOf } from './communities.ts'
import type { Context } from './context.ts'
import { isBelieved, sinceOf } from './since.ts'
import type { Blackholed, Candidate, Judged, RoutedPrefix, Withheld } from './wanted.ts'

/** The addresses of a guest, by what is to be done about them. */
export interface Sorted {
  readonly held: readonly Candidate[]
  readonly blackholed: readonly Blackholed[]
  readonly withheld: readonly Withheld[]
  /** Those on standby, as if they were here. */
  readonly waiting: readonly Candidate[]
}

/** The same for what was judged as before. */
export const sortedBy = memoOf((judged: readonly Judged[]): Sorted => {
  const refused = judged.filter(one => one.fate === 'withheld')
  return {
    held: judged.filter(one => one.fate === 'here'),
    blackholed: judged.filter(one => one.fate === 'blackholed'),
    withheld: refused.map(({ type, vmid, nic, address, refusal }) => ({ type, vmid, nic, address, refusal })),
    waiting: refused.flatMap(({ refusal: _, standby, ...asked }) =>
      standby ? { ...asked, ...standby } : [],
    ),
  }
})

/** What the kernel and BGP should know of one guest. */
export interface Share {
  /** To its own addresses. */
  readonly routes: readonly GuestRoute[]
  /** To the prefixes behind it. */
  readonly routesBehind: readonly GuestRoute[]
  readonly neighbours: readonly Neighbour[]
  readonly announcements: readonly Announcement[]
  readonly standby: readonly Announcement[]
}

/** All that a guest's share follows from. */
export interface ShareBasis extends Pick<Sorted, 'blackholed' | 'waiting'> {
  readonly guest: Guest
  /** Those that it holds, and former ones that it keeps for now. */
  readonly addresses: readonly Candidate[]
  readonly behind: readonly RoutedPrefix[]
}

/** The share of each guest, what it followed from, and the latest time in it. */
const SHARES = new WeakMap<
  Guest,
  { readonly basis: readonly unknown[]; readonly share: Share; readonly latest: number }
>()

/**
 * What the kernel and BGP should know of a guest: the same value while all that it follows from is, which for what was not told
 * before is never: the time that it came is the present one.
 */
export function shareOf(from: ShareBasis, context: Context): Share {
  const { guest } = from
  const told = context.told.get(guest.vmid)
  const basis = basisOf(from, told, context)
  const known = SHARES.get(guest)
  if (known && isSameList(known.basis, basis) && isBelieved(known.latest, context)) return known.share
  const share = shareAnew(from, told ?? NOTHING_TOLD, context)
  const all = [...share.announcements, ...share.standby]
  const areTold = new Set(told)
  if (context.asNumbers === undefined || all.every(announcement => areTold.has(announcement)))
    SHARES.set(guest, { basis, share, latest: Math.max(...all.map(({ since }) => since)) })
  return share
}

const NOTHING_TOLD: readonly Announcement[] = []

function basisOf(
  { guest, addresses, blackholed, waiting, behind }: ShareBasis,
  told: readonly Announcement[] | undefined,
  { policy, notesOf, asNumbers = [] }: Context,
): unknown[] {
  return [
    ...[told, policy, notesOf(guest.vmid), behind, ...asNumbers],
    ...[addresses, blackholed, waiting].flatMap(list => [list.length, ...list]),
  ]
}

function shareAnew(
  { addresses, blackholed, waiting, behind }: ShareBasis,
  told: readonly Announcement[],
  context: Context,
): Share {
  const known = new Map(told.map(announcement => [announcement.prefix, announcement]))
  const announced = (candidate: Omit<Candidate, 'mac'>, prefix: Prefix, blackhole?: Blackhole) =>
    announcementOf({ candidate, prefix, blackhole }, known.get(prefix), context)
  const own = (candidate: Candidate | Blackholed) =>
    announced(candidate, hostPrefix(candidate.address), candidate.blackhole)
  return {
    routes: [...addresses, ...blackholed].map(hostRoute),
    routesBehind: behind.map(({ route }) => route),
    // Without a route to it an entry leads nothing anywhere. A guest's frames are its own from the first on.
    neighbours: [...addresses, ...waiting].map(neighbourOf),
    announcements: asTold(
      [
        ...[...addresses, ...blackholed].map(own),
        ...behind.map(({ candidate, route }) => announced(candidate, route.prefix)),
      ],
      told,
    ),
    standby: asTold(waiting.map(own), told),
  }
}

const neighbourOf = memoOf(
  ({ address, mac, device }: Pick<Candidate, 'address' | 'mac' | 'device'>): Neighbour => ({
    address,
    mac,
    device,
  }),
)

function hostRoute({ address, device, blackhole }: Candidate | Blackholed): GuestRoute {
  return guestRoute({ prefix: hostPrefix(address), ...(!blackhole && { device }) })
}

/** What is told already is the same list where it has the same items: how it is written down is known then. */
function asTold(list: readonly Announcement[], told: readonly Announcement[]): readonly Announcement[] {
  const all = new Set(list)
  return all.size === told.length && told.every(one => all.has(one)) ? told : list
}

/** What is to be announced: an address of a candidate, or a prefix behind it. */
interface ToAnnounce {
  readonly candidate: Omit<Candidate, 'mac'>
  readonly prefix: Prefix
  readonly blackhole?: Blackhole | undefined
}

/** What is told already is the same value, not an equal one. */
function announcementOf(
  { candidate: { guest, config, device }, prefix, blackhole }: ToAnnounce,
  told: Announcement | undefined,
  context: Context,
): Announcement {
  const { vmid } = guest
  const network = networkOf(config)
  const made: Announcement = {
    prefix,
    vmid,
    ...(network && { network }),
    device,
    ...(!blackhole && { port: linkNameOf(guest, config.index) }),
    communities: [...communitiesOf(vmid, context).allowed, ...(blackhole?.communities ?? [])],
    ...(blackhole && { blackhole: blackhole.until }),
    since: sinceOf(told, context),
  }
  return told !== undefined && announcementText(told) === announcementText(made) ? told : made
}
