import type { Prefix } from '../values/address.ts'
import type { Reach } from './reach.ts'

/** What becomes of one kind of thing when one policy follows another. */
export interface Turnover<T> {
  /** How many there are by the former policy. */
  readonly before: number
  readonly lost: readonly T[]
  readonly gained: readonly T[]
}

/** What it means for a node, or for the cluster, that one policy follows another. */
export interface Loss {
  readonly guests: Turnover<number>
  readonly prefixes: Turnover<Prefix>
  /** BGP sessions, by the names of their peers. */
  readonly sessions: { readonly ended: readonly string[]; readonly restarted: readonly string[] }
}

/** More than may be lost unasked. */
export interface Excess {
  /** A node, or, absent, the cluster. */
  readonly node?: string
  readonly loss: Loss
}

export function lossBetween(before: Reach, after: Reach): Loss {
  const { sessions } = after
  return {
    guests: {
      before: before.guests.size,
      lost: [...before.guests].filter(vmid => !after.guests.has(vmid)),
      gained: [...after.guests].filter(vmid => !before.guests.has(vmid)),
    },
    prefixes: {
      before: tellable(before).size,
      lost: prefixesLost(before, after),
      gained: prefixesLost(after, before),
    },
    sessions: {
      ended: [...before.sessions.keys()].filter(peer => !sessions.has(peer)),
      restarted: [...before.sessions].flatMap(([peer, key]) =>
        sessions.has(peer) && sessions.get(peer) !== key ? [peer] : [],
      ),
    },
  }
}

/** What of several nodes is lost and gained in all. */
export function sumOf(losses: readonly Loss[]): Loss {
  return {
    guests: added(losses.map(({ guests }) => guests)),
    prefixes: added(losses.map(({ prefixes }) => prefixes)),
    sessions: {
      ended: losses.flatMap(({ sessions }) => sessions.ended),
      restarted: losses.flatMap(({ sessions }) => sessions.restarted),
    },
  }
}

function added<T>(all: readonly Turnover<T>[]): Turnover<T> {
  return {
    before: all.reduce((sum, { before }) => sum + before, 0),
    lost: all.flatMap(({ lost }) => lost),
    gained: all.flatMap(({ gained }) => gained),
  }
}

/** What somebody is told of: guestnet's peers, or whoever reads the kernel's table. */
function tellable({ told, prefixes }: Reach): ReadonlySet<Prefix> {
  return told ?? prefixes
}

/** A prefix that goes over from guestnet's BIRD to a daemon of the administrator's, or to another table, is lost first. */
function prefixesLost(before: Reach, after: Reach): Prefix[] {
  const kept = before.told ? after.told : before.table === after.table ? after.prefixes : undefined
  return [...tellable(before)].filter(prefix => !kept?.has(prefix))
}
