import type { TimelineEvent } from '../agent/event.ts'
import { shown } from '../core/text/escape.ts'

/** An event on one line, for people. */
export function eventLine({ time, kind, message }: TimelineEvent): string {
  return `${new Date(time).toISOString()} ${kind.padEnd(13)} ${shown(message)}`
}
