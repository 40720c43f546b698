import type { Outlook } from '../../agent/outlook.ts'
import type { Report } from '../../core/report/report.ts'

/** A value, and the labels that say whose. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A metric that is read from what the last run of the line found. */
export interface ShownMetric {
  readonly type: 'gauge' | 'counter'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (report: Report, outlook: Outlook) => readonly Sample[]
}

export function flag(isSo: boolean): number {
  return isSo ? 1 : 0
}
