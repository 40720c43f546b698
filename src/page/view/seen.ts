import type { TimelineEvent } from '../../agent/event.ts'
import type { NodeView } from '../../core/report/clusterView.ts'
import type { GuestWays } from '../../core/report/guestWays.ts'
import type { Status } from '../../core/report/schema.ts'
import { shown } from '../../core/text/escape.ts'

/** What the agent told last: everything the page shows follows from it. */
export interface Seen {
  readonly status: Status
  readonly guests: readonly GuestWays[]
  /** Oldest first. */
  readonly events: readonly TimelineEvent[]
  /** The nodes of the cluster; absent: not told yet. */
  readonly cluster?: readonly NodeView[]
}

/**
 * A value in which every text is fit to be shown: what acts on its surroundings, such as a change of the direction of
 * writing, stands there as its escape. Applied where answers come in, so that no part of the page can forget it.
 */
export function fitToShow<T>(value: T): T {
  return shownIn(value) as T
}

/** A value by its JSON, with every text fit to be shown. */
export function fromJson<T>(json: string): T {
  const value = JSON.parse(json) as T
  // Of a thousand guests that is nearly always all there is to do.
  return MAY_ACT.test(json) ? fitToShow(value) : value
}

/** JSON in which some text is, or may be, not fit to be shown: by what acts itself, or by an escape that stands for it. */
const MAY_ACT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]|\\[^"\\/]/u

function shownIn(value: unknown): unknown {
  if (typeof value === 'string') return shown(value)
  if (Array.isArray(value)) return value.map(shownIn)
  if (typeof value !== 'object' || value === null) return value
  const made: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(value)) made[shown(key)] = shownIn(part)
  return made
}
