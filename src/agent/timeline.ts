import { type Change, describeChange } from '../core/change.ts'
import { type Lease, leaseKeyOf } from '../core/dhcp/lease.ts'
import { guestOf } from '../core/dhcp/service.ts'
import { parseGuestLink } from '../core/guest/links.ts'
import { describeProblem, type Problem } from '../core/problem/problem.ts'
import type { Reading } from '../core/reading.ts'
import type { AnnouncingReport } from '../core/report/announcing.ts'
import { counted } from '../core/text/counted.ts'
import { shown } from '../core/text/escape.ts'
import { announceNews } from './announceNews.ts'
import type { TimelineEvent } from './event.ts'
import { readingNews } from './readingNews.ts'
import { Shares } from './share.ts'

/** Events that are kept in memory. */
const LONGEST = 1000

/** The newest events, and what is needed to tell news from what was told before. */
export class Timeline {
  readonly #events: TimelineEvent[]
  readonly #now: () => number
  readonly #steady: () => number
  readonly #listeners = new Set<(event: TimelineEvent) => void>()
  readonly #shares = new Shares()
  #problems = new Map<string, Problem>()
  #leases = new Map<string, Lease>()
  #policy: string | undefined

  /** `former`: what earlier agents noted. `now`: milliseconds since 1970; `steady`: by a clock that nobody sets. */
  constructor(
    former: readonly TimelineEvent[] = [],
    now: () => number = Date.now,
    steady: () => number = () => performance.now(),
  ) {
    this.#events = former.slice(-LONGEST)
    this.#now = now
    this.#steady = steady
  }

  /** Calls back with each event from now on; the returned function ends that. */
  listen(listener: (event: TimelineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get events(): readonly TimelineEvent[] {
    return this.#events
  }

  /** Notes an event of the agent's, or of a guest's, which has a share of the timeline and no more. */
  note(kind: TimelineEvent['kind'], message: string, vmid?: number): void {
    if (vmid === undefined) this.#add(kind, message)
    else this.#noteOf({ owner: `guest ${vmid}`, name: `of guest ${vmid}` }, kind, message, vmid)
  }

  #noteOf(
    { owner, name }: { owner: string; name: string },
    kind: TimelineEvent['kind'],
    message: string,
    vmid?: number,
  ): void {
    const { isTold, untold } = this.#shares.take(owner, this.#steady())
    if (untold > 0)
      this.#add(
        kind,
        `${counted(untold, 'event')} more ${name} ${untold === 1 ? 'was' : 'were'} left out`,
        vmid,
      )
    if (isTold) this.#add(kind, message, vmid)
  }

  #add(kind: TimelineEvent['kind'], message: string, vmid?: number): void {
    const event = {
      time: this.#now(),
      kind,
      message: shown(message),
      ...(vmid === undefined ? {} : { vmid }),
    }
    this.#events.push(event)
    if (this.#events.length > LONGEST) this.#events.splice(0, LONGEST / 5)
    for (const listener of this.#listeners) listener(event)
  }

  /** Tells what somebody changed in the cluster's files between two readings. */
  noteReadings(before: Reading, after: Reading): void {
    for (const { kind, message, vmid } of readingNews(before, after)) this.note(kind, message, vmid)
  }

  /** Tells what BIRD announced and withdrew by itself between two looks. */
  noteAnnouncing(before: AnnouncingReport | undefined, after: AnnouncingReport | undefined): void {
    for (const { message, vmid } of announceNews(before, after)) this.note('announcement', message, vmid)
  }

  noteChanges(applied: readonly { change: Change; failure?: string }[]): void {
    for (const { change, failure } of applied) {
      if (failure !== undefined) continue
      const vmid = vmidOf(change)
      const kind = kindOf(change)
      if (vmid !== undefined) this.note(kind, describeChange(change), vmid)
      // Who edits a guest again and again makes the servers change again and again.
      else this.#noteOf({ owner: change.kind, name: 'such as the next' }, kind, describeChange(change))
    }
  }

  /** Tells problems that are new and those that are gone. */
  noteProblems(problems: readonly Problem[]): void {
    const current = new Map(problems.map(problem => [describeProblem(problem), problem]))
    for (const [text, problem] of current) {
      if (!this.#problems.has(text)) this.note('problem', text, problem.vmid)
    }
    for (const [text, problem] of this.#problems) {
      if (!current.has(text)) this.note('solved', text, problem.vmid)
    }
    this.#problems = current
  }

  /** Tells that another policy is in force than at the last look. */
  notePolicy(digest: string | undefined): void {
    if (this.#policy !== undefined && digest !== undefined && digest !== this.#policy)
      this.note('policy', `the policy ${digest} is in force, instead of ${this.#policy}`)
    this.#policy = digest ?? this.#policy
  }

  /** Takes leases as known already. */
  rememberLeases(leases: readonly Lease[]): void {
    this.#leases = new Map(leases.map(lease => [leaseKeyOf(lease), lease]))
  }

  /** Tells leases that are new or renewed. `nameOf` names the NIC a lease belongs to. Returns whether any came or went. */
  noteLeases(
    leases: readonly Lease[],
    nameOf: (lease: Lease) => { name: string; vmid: number } | undefined,
  ): boolean {
    const former = this.#leases
    const current = new Map(leases.map(lease => [leaseKeyOf(lease), lease]))
    for (const [key, lease] of current) {
      const before = former.get(key)
      if (before && before.since === lease.since) continue
      const owner = nameOf(lease)
      const verb = before ? 'renewed' : 'leased'
      this.note('lease', `${owner?.name ?? lease.mac} ${verb} ${lease.address}`, owner?.vmid)
    }
    this.#leases = current
    return current.size !== former.size || [...current.keys()].some(key => !former.has(key))
  }
}

function kindOf(change: Change): TimelineEvent['kind'] {
  switch (change.kind) {
    case 'announce':
    case 'withdraw':
      return 'announcement'
    case 'server-start':
    case 'server-retire':
    case 'bird-start':
    case 'bird-stop':
      return 'daemon'
    case 'server-prepare':
      return change.spare === undefined ? 'daemon' : 'change'
    default:
      return 'change'
  }
}

function vmidOf(change: Change): number | undefined {
  switch (change.kind) {
    case 'port-serve':
      return change.port.services.map(guestOf)[0]
    case 'announce':
    case 'withdraw':
    case 'standby-set':
    case 'standby-remove':
      return change.announcement.vmid
    case 'guard-port':
    case 'guard-release':
      return parseGuestLink(change.link)?.vmid
    default:
      return undefined
  }
}
