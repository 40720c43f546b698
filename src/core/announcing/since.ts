import type { Announcement } from './announcement.ts'

/** Seconds that a clock may be set back without every guest's arrival being told anew. */
const CLOCK_SLACK = 60

/** Seconds that another node's clock may be ahead: NTP keeps clocks far closer, and what a node told is never younger than now. */
const CLOCK_AHEAD = 3

/** Seconds that may have passed since a node told its time, which it does every ten. */
const TOLD_AGO = 15

/**
 * Unix seconds when a guest came here with a prefix, running or not. `told`: how it is announced already, if it is. What is announced or on standby already has its time: another one
 * would be news to every router, whenever an agent starts. A time yet to come was told by a wrong clock, and would outdo
 * the nodes that the guest moves to.
 */
export function sinceOf(told: Announcement | undefined, clock: Clock): number {
  return told && isBelieved(told.since, clock) ? told.since : clock.latest
}

interface Clock {
  /** Unix seconds by the clock of the cluster that is furthest ahead. */
  readonly latest: number
}

/** Whether a time was not told by a wrong clock, as far as this one tells. Unix seconds. */
export function isBelieved(since: number, { latest }: Clock): boolean {
  return since <= latest + CLOCK_SLACK
}

/**
 * Unix seconds by the clock of the cluster that is furthest ahead. A guest that comes from a node whose clock is wrong would
 * else be announced as if it had been there before it came here, and routers would prefer the node it has left.
 */
export function latestClock({
  now,
  clocks,
}: {
  readonly now: number
  readonly clocks: ReadonlyMap<string, number>
}): number {
  const ahead = [...clocks.values()].filter(told => told > now + CLOCK_AHEAD)
  return Math.max(now, ...ahead.map(told => told + TOLD_AGO))
}
