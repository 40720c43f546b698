import type { Change } from '../core/change.ts'
import type { Intent } from '../core/intent.ts'
import type { Observation } from '../core/observation.ts'
import type { Reading } from '../core/reading.ts'
import type { Report } from '../core/report/report.ts'
import type { Target } from '../core/target.ts'
import type { Applied } from './apply.ts'

/** What one run of the line came to. */
export interface CycleResult {
  readonly report: Report
  readonly reading: Reading
  readonly observation: Observation
  readonly intent: Intent
  readonly target: Target
  readonly changes: readonly Change[]
  /** Empty when only planning. */
  readonly applied: readonly Applied[]
  /** Something was unreadable or failed: worth another look soon. */
  readonly provisional: boolean
  /** A Kea or an advertiser that comes up in the background is to do something that nobody does yet. */
  readonly awaitsDaemon: boolean
}
