import type { Paint } from './paint.ts'

/** What of a report is shown, and how. */
export interface View {
  readonly width: number
  readonly paint: Paint
  /** Milliseconds since 1970. */
  readonly now: number
  /** `summary`: what fits on a screen. */
  readonly what: 'summary' | 'problems' | 'all' | { readonly vmid: number }
}
