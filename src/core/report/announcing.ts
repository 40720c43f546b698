import type { Announcement } from '../announcing/announcement.ts'
import type { AnnounceObservation, ObservedBird, ObservedPeer } from '../announcing/observation.ts'
import type { AnnounceIntent, Withheld } from '../announcing/wanted.ts'
import type { Change } from '../change.ts'
import type { Drained } from '../node/drained.ts'
import type { Refusal } from '../problem/refusal.ts'
import { FORWARDING } from '../routing/forwarding.ts'
import type { Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'
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
  const routes = new Set<Prefix>(
    open.flatMap(change => (change.kind === 'route-set' ? [change.route.prefix] : [])),
  )
  const neighbours = new Set<Prefix>(
    open.flatMap(change => (change.kind === 'neighbour-set' ? [hostPrefix(change.neighbour.address)] : [])),
  )
  const untold = new Set(
    open.flatMap(change => (change.kind === 'announce' ? [change.announcement.prefix] : [])),
  )
  const unprepared = new Set(
    open.flatMap(change => (change.kind === 'standby-set' ? [change.announcement.prefix] : [])),
  )
  const isDown = open.some(({ kind }) => kind === 'bird-start')
  const { bird } = observed
  return {
    table: routing.table,
    announcements: announcements.map(announcement => {
      const { prefix } = announcement
      return rowOf(announcement, {
        route: !routes.has(prefix),
        neighbour: !neighbours.has(prefix),
        told: hasBird ? !untold.has(prefix) && !isDown && drained !== 'left' : undefined,
      })
    }),
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

type Progress = Pick<AnnouncementReport, 'route' | 'neighbour'> & { readonly told: boolean | undefined }

/** How far each announcement had come; its row is the same while that is. */
const ROWS = new WeakMap<Announcement, { readonly progress: Progress; readonly row: AnnouncementReport }>()

function rowOf(announcement: Announcement, progress: Progress): AnnouncementReport {
  const known = ROWS.get(announcement)
  const { route, neighbour, told } = progress
  if (
    known &&
    known.progress.route === route &&
    known.progress.neighbour === neighbour &&
    known.progress.told === told
  )
    return known.row
  const { prefix, vmid, device, blackhole } = announcement
  const row = {
    prefix,
    vmid,
    device,
    ...(blackhole !== undefined && { blackhole: blackhole * 1000 }),
    route,
    neighbour,
    ...(told !== undefined && { told }),
  }
  ROWS.set(announcement, { progress, row })
  return row
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
