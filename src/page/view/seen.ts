import type { TimelineEvent } from '../../agent/event.ts'
import type { GuestWays } from '../../core/report/guestWays.ts'
import type { Status } from '../../core/report/schema.ts'
import { shown } from '../../core/text/escape.ts'

/** What the agent told last: everything the page shows follows from it. */
export interface Seen {
  readonly status: Status
  readonly guests: readonly GuestWays[]
  /** Oldest first. */
  readonly events: readonly TimelineEvent[]
}

/**
 * A value in which every text is fit to be shown: what acts on its surroundings, such as a change of the direction of
 * writing, stands there as its escape. Applied where answers come in, so that no part of the page can forget it.
 */
export function fitToShow<T>(value: T): T {
  return shownIn(value) as T
}

function shownIn(value: unknown): unknown {
  if (typeof value === 'string') return shown(value)
  if (Array.isArray(value)) return value.map(shownIn)
  if (typeof value !== 'object' || value === null) return value
  const made: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(value)) made[shown(key)] = shownIn(part)
  return made
}
