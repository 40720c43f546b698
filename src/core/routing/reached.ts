import type { Prefix } from '../values/address.ts'
import { memoOf } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { ObservedRouting, PermanentNeighbour } from './observation.ts'

/**
 * Of guestnet's neighbour entries those that a route of guestnet's leads to: their guests were found alive. The others are on
 * standby, and say nothing about their guests.
 */
export const reachedNeighbours = memoOf(
  ({ routes, neighbours }: Pick<ObservedRouting, 'routes' | 'neighbours'>): readonly PermanentNeighbour[] => {
    const asked = new Set<Prefix>(neighbours.map(({ address }) => hostPrefix(address)))
    const ways = new Map<Prefix, string | undefined>()
    // Far more routes may lead to what is behind guests.
    for (const { prefix, route } of routes) if (route && asked.has(prefix)) ways.set(prefix, route.device)
    return neighbours.filter(({ address, device, marked }) => {
      const prefix = hostPrefix(address)
      if (!marked || !ways.has(prefix)) return false
      const way = ways.get(prefix)
      // A black hole leads to no device, whoever's the address is.
      return way === undefined || way === device
    })
  },
)
