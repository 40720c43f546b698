import type { TimelineEvent } from '../agent/timeline.ts'
import type { Report } from '../core/report/report.ts'

/** What the HTTP interface tells of. */
export interface Source {
  /** The report as it is now. Costs a look at the daemons; throws while there is none. */
  report(): Promise<Report>
  /** The newest events, oldest first. */
  events(): readonly TimelineEvent[]
  /** Calls back with each event from now on; the returned function ends that. */
  onEvent(listener: (event: TimelineEvent) => void): () => void
  /** Calls back whenever the report may have changed; the returned function ends that. */
  onLook(listener: () => void): () => void
}
