import { EventEmitter } from 'node:events'
import type { Policy } from '../core/policy/policy.ts'
import type { Report } from '../core/report/report.ts'
import type { Applied } from '../cycle/apply.ts'
import type { KeaCounts } from '../kea/counts.ts'

/** One run of the line that was carried through. Times are on the clock of `performance.now`. */
export interface Run {
  /** When it was first rung for. */
  readonly rangAt: number
  readonly beganAt: number
  readonly endedAt: number
  readonly applied: readonly Applied[]
}

interface OutlookEvents {
  /** What the agent reports may have changed. */
  readonly look: []
  readonly run: [Run]
  /** A run of the line came to nothing. */
  readonly failure: []
}

/** What the agent shows to those who only want to see: nothing of it costs a look at the node. */
export class Outlook extends EventEmitter<OutlookEvents> {
  /** As the last run of the line found it, with what is wrong; absent before the first. */
  report: Report | undefined
  /** The policy in force; absent before the first run. */
  policy: Policy | undefined
  /** Addresses that guests have leased; absent: not known yet. */
  leases: number | undefined
  /** What the Keas counted, as they said within the last minute. */
  keas: readonly KeaCounts[] = []

  #areCountersRead = false

  /** Somebody reads what is counted at the ports, and would like it to be new. */
  readCounters(): void {
    this.#areCountersRead = true
  }

  /** Whether somebody did since the last call. */
  takeCountersRead(): boolean {
    const areRead = this.#areCountersRead
    this.#areCountersRead = false
    return areRead
  }

  show(report: Report): void {
    this.report = report
    this.emit('look')
  }
}
