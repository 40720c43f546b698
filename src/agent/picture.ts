import type { ObservedPeer } from '../core/announcing/observation.ts'
import type { Settings } from '../core/node/settings.ts'
import { peersFor } from '../core/policy/bgp.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { GuestWays } from '../core/report/guestWays.ts'
import { withHealth } from '../core/report/health.ts'
import { type Report, slotsOf, withLeases } from '../core/report/report.ts'
import { guestWays } from '../core/report/ways.ts'
import { completeReport, surroundingsOf } from '../cycle/complete.ts'
import type { Drivers } from '../cycle/drivers.ts'
import type { CycleResult } from '../cycle/result.ts'
import type { LeasesKnown } from './leaseWatch.ts'
import { Outlook } from './outlook.ts'
import { OwnTroubles } from './ownTroubles.ts'
import { PeerWatch } from './peerWatch.ts'
import type { Timeline } from './timeline.ts'
import type { UnheardOptions } from './unheard.ts'

export interface PictureOptions {
  readonly settings: Settings
  readonly drivers: Drivers
  readonly timeline: Timeline
  readonly heardAt: UnheardOptions['heardAt']
}

/** What the agent knows of the node between two runs of the line, and tells to all who ask: reports, sessions, problems. */
export class Picture {
  readonly outlook = new Outlook()
  readonly troubles: OwnTroubles
  readonly #drivers: Drivers
  readonly #timeline: Timeline
  #last: CycleResult | undefined
  readonly #peers = new PeerWatch()
  readonly #downSince = (peer: string) => this.#peers.downSince(peer)

  constructor({ settings, drivers, timeline, heardAt }: PictureOptions) {
    this.#drivers = drivers
    this.#timeline = timeline
    this.troubles = new OwnTroubles(settings, timeline, { heardAt, tell: () => this.noteProblems() })
  }

  /** What the last run of the line found; `undefined` before the first. */
  get last(): CycleResult | undefined {
    return this.#last
  }

  /** Takes what a run of the line found as how it is now. It is told by `noteProblems`. */
  take(result: CycleResult): void {
    this.#last = result
    this.outlook.policy = result.reading.policy
  }

  /** Tells problems that are new and those that are gone. */
  noteProblems(): void {
    this.#timeline.noteProblems(this.show()?.problems ?? [])
  }

  /** Shows what is known by now, without another look. */
  show(): Report | undefined {
    if (!this.#last) return undefined
    const { report } = this.#withOwnProblems(this.#last)
    const told = withHealth(report, surroundingsOf(this.#last, this.#downSince))
    this.outlook.show(told)
    return told
  }

  /** Takes leases as they are counted by now, and whether they can be kept for the time after a reboot. */
  noteLeases({ count, failure }: LeasesKnown): void {
    this.outlook.leases = count
    this.troubles.saveFailure = failure
    if (this.#last) this.noteProblems()
  }

  /** Sessions come up and go down without ringing, and nothing has to be done about it: it is told. */
  notePeers(peers: readonly ObservedPeer[]): void {
    const { report, reading } = this.#last ?? {}
    if (!report?.announcing || reading?.policy.bgp?.mode !== 'own') return
    this.#peers.keepOnly(new Set(peersFor(reading.policy.bgp, reading.node).map(({ name }) => name)))
    const news = this.#peers.note(peers, Date.now())
    for (const { peer, isUp, error } of news) {
      const why = error === undefined ? '' : ` (${error})`
      this.#timeline.note('peer', `the BGP session with ${peer} is ${isUp ? 'up' : `down${why}`}`)
    }
    if (news.length === 0) return
    this.#last = this.#last && {
      ...this.#last,
      report: { ...report, announcing: { ...report.announcing, peers } },
    }
    this.noteProblems()
  }

  /** Takes it that others cannot reach the agent at a place, or, with `undefined`, that they can again. */
  noteUnreachable(place: string, problem: Problem | undefined): void {
    const { unreachable } = this.troubles
    if (unreachable.get(place)?.message === problem?.message) return
    if (problem) unreachable.set(place, problem)
    else unreachable.delete(place)
    this.noteProblems()
  }

  /** Has the Keas count messages, which only matter over minutes. */
  async countMessages({ servers }: Report): Promise<void> {
    const known = servers.flatMap(({ server, slot }) => (server ? [{ server, slot }] : []))
    this.outlook.keas = await this.#drivers.keas.counts(known)
  }

  /** The report as it is now, with what only those can tell who do the work. Throws while there is none. */
  async report(): Promise<Report> {
    if (!this.#last) throw new Error(this.troubles.whyNoReport())
    return await completeReport(this.#withOwnProblems(this.#last), this.#drivers, this.#downSince)
  }

  /** The report of the last run, with leases as the Keas' files tell: nobody is asked. `undefined` before the first. */
  lastReport(): Report | undefined {
    const { report } = this.outlook
    if (!report) return undefined
    try {
      return withLeases(report, this.#drivers.keas.leasesWritten(slotsOf(report)))
    } catch {
      // One of them has none yet.
      return report
    }
  }

  /** What is explained of every guest that this node has to do with, by such a report; each when it is asked for. */
  ways(report: Report): Iterable<GuestWays> {
    return guestWays(this.#last?.reading.guests ?? [], report)
  }

  #withOwnProblems(last: CycleResult): CycleResult {
    const { report } = last
    return { ...last, report: { ...report, problems: this.troubles.among(report.problems) } }
  }
}
