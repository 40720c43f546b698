import type { Announcement } from '../announcing/announcement.ts'
import { byGuest } from '../announcing/byGuest.ts'
import type { AnnounceObservation, ObservedBird, ObservedPeer } from '../announcing/observation.ts'
import type { AnnounceIntent, Withheld } from '../announcing/wanted.ts'
import type { Change } from '../change.ts'
import type { Drained } from '../node/drained.ts'
import type { Refusal } from '../problem/refusal.ts'
import { FORWARDING } from '../routing/forwarding.ts'
import type { Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import { memoOfEach } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'

/** How far an announcement has come: the kernel, BIRD, and each peer, as they say themselves. */
export interface AnnouncementReport {
  readonly prefix: Prefix
  readonly vmid: number
  readonly device: string
  /** Milliseconds since 1970 until when routers are asked to drop what is sent there; absent: they are not. */
  readonly blackhole?: number
  /** The kernel has the route. */
  readonly route: boolean
  /** The kernel knows the guest's hardware address; always so for a prefix behind a guest. */
  readonly neighbour: boolean
  /** BIRD has it; absent: BGP is somebody else's. */
  readonly told?: boolean
  /** Names of the peers that BIRD exports it to. */
  readonly exportedTo?: readonly string[]
}

/** What BIRD announces by itself as soon as a guest's port is up. */
export interface StandbyReport {
  readonly prefix: Prefix
  readonly vmid: number
  readonly port: string
}

export interface AnnouncingReport {
  readonly table: number
  readonly announcements: readonly AnnouncementReport[]
  /** Of guests that do not run here now; none where BGP is somebody else's. */
  readonly standby: readonly StandbyReport[]
  /** The kernel has all rules. */
  readonly rules: boolean
  /** The families that the node should forward for its guests, and does not. */
  readonly notForwarded: readonly Family[]
  /** Absent: BGP is somebody else's, or nothing at all is announced (see `refusal`). */
  readonly bird?: { readonly state: 'absent' | 'silent' | 'running'; readonly pid?: number }
  readonly peers: readonly ObservedPeer[]
  readonly drained: Drained
  /** The addresses of this node's guests that are not announced. */
  readonly withheld: readonly Withheld[]
  /** Why nothing at all is announced from this node. */
  readonly refusal?: Refusal
}

export interface AnnouncingReportInput {
  readonly intent: AnnounceIntent
  readonly observed: AnnounceObservation
  /** What is about to be, or could not be, put right. */
  readonly open: readonly Change[]
  readonly drained: Drained
  /** The families that the node has to forward for its guests. */
  readonly forwarded: readonly Family[]
}

/** What has no open change is as it should be. */
export function reportAnnouncing(input: AnnouncingReportInput): AnnouncingReport {
  const { intent, observed, open, drained } = input
  const { routing, announcements, withheld, refusal } = intent
  const hasBird = intent.bird !== undefined
  const unset = unsetOf(open)
  const isOpen = new Set([...unset.routes, ...unset.neighbours, ...unset.untold])
  const unprepared = new Set(
    open.flatMap(change => (change.kind === 'standby-set' ? [change.announcement.prefix] : [])),
  )
  const isDown = open.some(({ kind }) => kind === 'bird-start')
  const toldHere = hasBird ? !isDown && drained !== 'left' : undefined
  const { bird } = observed
  return {
    table: routing.table,
    announcements: [...byGuest(announcements).values()].flatMap(own =>
      isOpen.size > 0 && own.some(({ prefix }) => isOpen.has(prefix))
        ? rowsOf(own, toldHere, unset)
        : rowsOfSettled(own, toldHere),
    ),
    standby: isDown ? [] : standbyReport(intent.bird?.standby ?? [], unprepared),
    rules: !open.some(({ kind }) => kind === 'rule-add'),
    notForwarded: notForwarded(input),
    ...(hasBird && { bird: birdReport(bird, isDown) }),
    peers: bird.state === 'running' ? bird.peers : [],
    drained,
    withheld,
    ...(refusal && { refusal }),
  }
}

/** What is not as it should be. */
interface Unset {
  readonly routes: ReadonlySet<Prefix>
  /** Those to the guests' own addresses. */
  readonly neighbours: ReadonlySet<Prefix>
  /** What BIRD does not have. */
  readonly untold: ReadonlySet<Prefix>
}

const NOTHING_UNSET: Unset = { routes: new Set(), neighbours: new Set(), untold: new Set() }

function unsetOf(open: readonly Change[]): Unset {
  const prefixesIn = (prefixOf: (change: Change) => Prefix | undefined) =>
    new Set(open.flatMap(change => prefixOf(change) ?? []))
  return {
    routes: prefixesIn(change => (change.kind === 'route-set' ? change.route.prefix : undefined)),
    neighbours: prefixesIn(change =>
      change.kind === 'neighbour-set' ? hostPrefix(change.neighbour.address) : undefined,
    ),
    untold: prefixesIn(change => (change.kind === 'announce' ? change.announcement.prefix : undefined)),
  }
}

/** Of a guest for which nothing is open; the same while it is announced the same. */
const rowsOfSettled = memoOfEach((own: readonly Announcement[], isTold: boolean | undefined) =>
  rowsOf(own, isTold, NOTHING_UNSET),
)

/** How far a guest's announcements have come. `isTold`: whether BIRD has what is not open; absent: BGP is somebody else's. */
function rowsOf(
  own: readonly Announcement[],
  isTold: boolean | undefined,
  { routes, neighbours, untold }: Unset,
): AnnouncementReport[] {
  return own.map(({ prefix, vmid, device, blackhole }) => ({
    prefix,
    vmid,
    device,
    ...(blackhole !== undefined && { blackhole: blackhole * 1000 }),
    route: !routes.has(prefix),
    neighbour: !neighbours.has(prefix),
    ...(isTold !== undefined && { told: isTold && !untold.has(prefix) }),
  }))
}

function standbyReport(standby: readonly Announcement[], unprepared: ReadonlySet<Prefix>): StandbyReport[] {
  return standby.flatMap(({ prefix, vmid, port }) =>
    port === undefined || unprepared.has(prefix) ? [] : [{ prefix, vmid, port }],
  )
}

/** One that was started just now is only known by its process at the next look. */
function birdReport(bird: ObservedBird, isDown: boolean): NonNullable<AnnouncingReport['bird']> {
  if (bird.state === 'running') return { state: 'running', pid: bird.pid }
  if (!isDown) return { state: 'running' }
  return bird.state === 'absent' ? { state: 'absent' } : { state: 'silent', pid: bird.pid }
}

/** What guestnet itself sets is set unless that is still open. */
function notForwarded({ intent, observed, open, forwarded }: AnnouncingReportInput): Family[] {
  const { forwarding } = observed
  if (!forwarding) return []
  const unset = new Set(open.flatMap(change => (change.kind === 'sysctl-set' ? [change.name] : [])))
  return forwarded.filter(
    family =>
      !forwarding[family] && (!intent.forwarding?.includes(family) || unset.has(FORWARDING[family].name)),
  )
}

/** The report with what each peer is told, by the name of the peer. */
export function withExports(
  report: AnnouncingReport,
  exported: ReadonlyMap<string, ReadonlySet<Prefix>>,
): AnnouncingReport {
  return {
    ...report,
    announcements: report.announcements.map(announcement => ({
      ...announcement,
      exportedTo: [...exported].flatMap(([peer, prefixes]) =>
        prefixes.has(announcement.prefix) ? [peer] : [],
      ),
    })),
  }
}
