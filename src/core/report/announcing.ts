import type { AnnounceObservation, ObservedPeer } from '../announcing/observation.ts'
import type { AnnounceIntent, Withheld } from '../announcing/wanted.ts'
import type { Change } from '../change.ts'
import type { Drained } from '../node/drained.ts'
import type { Refusal } from '../problem/refusal.ts'
import type { Prefix } from '../values/address.ts'
import { hostPrefix } from '../values/prefix.ts'

/** How far an announcement has come: the kernel, BIRD, and each peer, as they say themselves. */
export interface AnnouncementReport {
  readonly prefix: Prefix
  readonly vmid: number
  readonly device: string
  /** The kernel has the route. */
  readonly route: boolean
  /** The kernel knows the guest's hardware address; always so for a prefix behind a guest. */
  readonly neighbour: boolean
  /** BIRD has it; absent: BGP is somebody else's. */
  readonly told?: boolean
  /** Names of the peers that BIRD exports it to. */
  readonly exportedTo?: readonly string[]
}

export interface AnnouncingReport {
  readonly table: number
  readonly announcements: readonly AnnouncementReport[]
  /** The kernel has all rules. */
  readonly rules: boolean
  /** Absent: BGP is somebody else's. */
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
  const isDown = open.some(({ kind }) => kind === 'bird-start')
  const { bird } = observed
  return {
    table: routing.table,
    announcements: announcements.map(({ prefix, vmid, device }) => ({
      prefix,
      vmid,
      device,
      route: !routes.has(prefix),
      neighbour: !neighbours.has(prefix),
      ...(hasBird ? { told: !untold.has(prefix) && !isDown && drained !== 'left' } : {}),
    })),
    rules: !open.some(({ kind }) => kind === 'rule-add'),
    ...(hasBird
      ? { bird: { state: bird.state, ...(bird.state === 'absent' ? {} : { pid: bird.pid }) } }
      : {}),
    peers: bird.state === 'running' ? bird.peers : [],
    drained,
    withheld,
    ...(refusal && { refusal }),
  }
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
