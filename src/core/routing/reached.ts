import { memoOf } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { ObservedRouting, PermanentNeighbour } from './observation.ts'

/**
 * Of guestnet's neighbour entries those that a route of guestnet's leads to: their guests were found alive. The others are on
 * standby, and say nothing about their guests.
 */
export const reachedNeighbours = memoOf(
  ({ routes, neighbours }: Pick<ObservedRouting, 'routes' | 'neighbours'>): readonly PermanentNeighbour[] => {
    const ways = new Map(routes.flatMap(({ prefix, route }) => (route ? [[prefix, route.device]] : [])))
    return neighbours.filter(({ address, device, marked }) => {
      const prefix = hostPrefix(address)
      if (!marked || !ways.has(prefix)) return false
      const way = ways.get(prefix)
      // A black hole leads to no device, whoever's the address is.
      return way === undefined || way === device
    })
  },
)
