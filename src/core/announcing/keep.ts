import type { Links } from '../node/link.ts'
import { keyOf } from '../routing/routing.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { Announcement } from './announcement.ts'
import { byGuest } from './byGuest.ts'
import { type AnnounceObservation, announcedBy } from './observation.ts'
import { isOnStandby } from './standby.ts'
import type { GuestsIntent } from './wanted.ts'

/**
 * Adds to what is intended what is there for guests that nothing is known of at the moment. Without a whole view of the
 * cluster (`complete`) nothing at all is taken away.
 */
export function keepUnknown(
  intent: GuestsIntent,
  { routing, bird, now }: AnnounceObservation,
  {
    complete,
    isUnknown,
    links,
  }: {
    readonly complete: boolean
    readonly isUnknown: (vmid: number) => boolean
    readonly links: Links
  },
): GuestsIntent {
  const isKept = (vmid: number) => !complete || isUnknown(vmid) || intent.failed.has(vmid)
  const ofKept = [...byGuest(announcedBy(bird))].flatMap(([vmid, list]) => (isKept(vmid) ? list : []))
  if (complete && ofKept.length === 0) return intent
  const wanted = new Set(intent.announcements.map(({ prefix }) => prefix))
  const isOver = ({ blackhole }: Announcement) => blackhole !== undefined && now >= blackhole
  const kept = ofKept.filter(one => !wanted.has(one.prefix) && !isOver(one))
  if (complete && kept.length === 0) return intent
  return withKept(intent, kept, routing, { complete, links })
}

function withKept(
  intent: GuestsIntent,
  kept: readonly Announcement[],
  observed: AnnounceObservation['routing'],
  { complete, links }: { readonly complete: boolean; readonly links: Links },
): GuestsIntent {
  const prefixes = new Set<string>(kept.map(({ prefix }) => prefix))
  const isKept = (prefix: string) => !complete || prefixes.has(prefix)
  const routes = observed.routes.flatMap(({ route }) => (route && isKept(route.prefix) ? [route] : []))
  const neighbours = observed.neighbours.filter(
    ({ address, marked }) => marked && isKept(hostPrefix(address)),
  )
  return {
    ...intent,
    announcements: [...intent.announcements, ...kept.filter(one => !isOnStandby(one, links))],
    // Who waits has no right yet to what may be another's.
    standby: [
      ...intent.standby.filter(({ prefix }) => complete && !prefixes.has(prefix)),
      ...kept.filter(one => isOnStandby(one, links)),
    ],
    routing: {
      ...intent.routing,
      routes: union(intent.routing.routes, routes, ({ prefix }) => prefix),
      neighbours: union(
        intent.routing.neighbours,
        neighbours,
        ({ address, device }) => `${address} ${device}`,
      ),
      proxies: complete
        ? intent.routing.proxies
        : union(
            intent.routing.proxies,
            observed.proxies.filter(({ marked }) => marked),
            keyOf.proxy,
          ),
    },
  }
}

/** The first of equals counts. */
function union<T>(first: readonly T[], second: readonly T[], key: (item: T) => string): T[] {
  const keys = new Set(first.map(key))
  return [...first, ...second.filter(item => !keys.has(key(item)))]
}
