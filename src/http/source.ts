import type { TimelineEvent } from '../agent/event.ts'
import type { NodeSummary, NodeView } from '../core/report/clusterView.ts'
import type { GuestWays } from '../core/report/guestWays.ts'
import type { Report } from '../core/report/report.ts'

/** What the HTTP interface tells of. */
export interface Source {
  /** The node it tells of. */
  readonly node: string
  /** The report as it is now. Costs a look at the daemons; throws while there is none. */
  report(): Promise<Report>
  /** What the last run found, without a look at anything; `undefined` while there was none. */
  lastReport(): Report | undefined
  /** What `explain` says of every guest that this node has to do with, by such a report; each is explained when it is asked for. */
  ways(report: Report): Iterable<GuestWays>
  /** What the last look found, in short; throws while there was none. */
  summary(): NodeSummary
  /** Every node of the cluster, as its agent tells. */
  cluster(): Promise<readonly NodeView[]>
  /** The newest events, oldest first. */
  events(): readonly TimelineEvent[]
  /** Calls back with each event from now on; the returned function ends that. */
  onEvent(listener: (event: TimelineEvent) => void): () => void
  /** Calls back whenever the report may have changed; the returned function ends that. */
  onLook(listener: () => void): () => void
}
