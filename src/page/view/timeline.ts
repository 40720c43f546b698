import type { TimelineEvent } from '../../agent/event.ts'

/** The newest events the page keeps, as the agent keeps them. */
const MOST = 1000

/** What happened, by what it is about. */
export const TOPICS = ['guests', 'announcements', 'daemons', 'problems'] as const
export type Topic = (typeof TOPICS)[number]

const TOPIC_OF = {
  change: 'guests',
  configuration: 'guests',
  migration: 'guests',
  lease: 'guests',
  guard: 'guests',
  announcement: 'announcements',
  policy: 'daemons',
  peer: 'announcements',
  agent: 'daemons',
  daemon: 'daemons',
  failure: 'problems',
  problem: 'problems',
  solved: 'problems',
} as const satisfies Record<TimelineEvent['kind'], Topic>

export function topicOf(event: TimelineEvent): Topic | undefined {
  return isMinor(event) ? undefined : TOPIC_OF[event.kind]
}

/** What only those want to know who look closely: one step of the agent's work among others. */
export function isMinor({ kind, vmid }: TimelineEvent): boolean {
  return kind === 'change' && vmid === undefined
}

/** The events with one more, which may be known already: between a stream and an answer it can come by both. */
export function withEvent(events: readonly TimelineEvent[], event: TimelineEvent): readonly TimelineEvent[] {
  const isKnown = events.some(
    ({ time, kind, message }) => time === event.time && kind === event.kind && message === event.message,
  )
  return isKnown ? events : [...events, event].slice(-MOST)
}

/** An event; or several minor ones that came together, the newest first. */
export type Entry = readonly [TimelineEvent, ...TimelineEvent[]]

/** What happened on a day, the newest first. */
export interface Day {
  readonly day: string
  readonly entries: readonly Entry[]
}

/** Milliseconds between minor events that are told as one. */
const TOGETHER = 2000

/** The newest `most` events of a topic by the day they happened on, the newest first; and how many more there are. */
export function daysOf(
  events: readonly TimelineEvent[],
  topic: Topic | undefined,
  most: number,
): { readonly days: readonly Day[]; readonly more: number } {
  const chosen = events.filter(event => topic === undefined || topicOf(event) === topic)
  const days: { day: string; entries: [TimelineEvent, ...TimelineEvent[]][] }[] = []
  for (const event of chosen.slice(-most).toReversed()) {
    const day = dayOf(event.time)
    const last = days.at(-1)
    const entry = last?.entries.at(-1)
    if (last?.day !== day) days.push({ day, entries: [[event]] })
    else if (entry && belongTogether(entry[0], event)) entry.push(event)
    else last.entries.push([event])
  }
  return { days, more: Math.max(0, chosen.length - most) }
}

function belongTogether(newer: TimelineEvent, older: TimelineEvent): boolean {
  return isMinor(newer) && isMinor(older) && newer.time - older.time < TOGETHER
}

function dayOf(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}
