import type { Prefix } from '../values/address.ts'
import { assertNever } from '../values/brand.ts'
import { memoOf } from '../values/memo.ts'
import {
  type ForeignRoute,
  type ObservedRouting,
  type PermanentNeighbour,
  ROUTE_METRIC,
} from './observation.ts'
import type { GuestRoute, Neighbour, Routing } from './routing.ts'

/** Something of somebody else's in the place of something wanted. It is left alone, and the guest is not reached. */
export type RoutingObstacle =
  | { readonly kind: 'route'; readonly wanted: GuestRoute; readonly foreign: ForeignRoute }
  | { readonly kind: 'neighbour'; readonly wanted: Neighbour; readonly foreign: PermanentNeighbour }

/** What stands in the way. */
export function findObstacles(wanted: Routing, observed: ObservedRouting): RoutingObstacle[] {
  const better = observed.foreign.filter(route => route.table === wanted.table && winsOverOurs(route))
  const routes = new Map(better.map(route => [route.prefix, route]))
  const neighbours = new Map(
    observed.neighbours.filter(({ marked }) => !marked).map(entry => [neighbourKeyOf(entry), entry]),
  )
  return [
    ...wanted.routes.flatMap(route => {
      const foreign = routes.get(route.prefix)
      return foreign ? [{ kind: 'route', wanted: route, foreign } as const] : []
    }),
    ...wanted.neighbours.flatMap(neighbour => {
      const foreign = neighbours.get(neighbourKeyOf(neighbour))
      return foreign && foreign.mac !== neighbour.mac
        ? [{ kind: 'neighbour', wanted: neighbour, foreign } as const]
        : []
    }),
  ]
}

function winsOverOurs({ metric }: ForeignRoute): boolean {
  return metric <= ROUTE_METRIC
}

/** Where the kernel keeps one entry at most. */
export const neighbourKeyOf = memoOf(
  ({ address, device }: { readonly address: string; readonly device: string }): string =>
    `${address} ${device}`,
)

/** The prefixes at which `ip route replace` would replace somebody else's route. */
export function prefixesTaken(foreign: readonly ForeignRoute[], table: number): Set<Prefix> {
  const inPlace = foreign.filter(route => route.table === table && route.metric === ROUTE_METRIC)
  return new Set(inPlace.map(({ prefix }) => prefix))
}

/** One sentence that says what is in the way and what to do. */
export function describeObstacle(obstacle: RoutingObstacle): string {
  switch (obstacle.kind) {
    case 'route': {
      const { table, prefix, protocol, metric } = obstacle.foreign
      return `table ${table} has a route to ${prefix} that is not guestnet's (protocol ${protocol}, metric ${metric}): remove it, or give guestnet another table`
    }
    case 'neighbour': {
      const { address, mac, device } = obstacle.foreign
      return `${device} has a permanent neighbour entry for ${address} that is not guestnet's and names ${mac}: remove it with "ip neighbour del ${address} dev ${device}"`
    }
    default:
      return assertNever(obstacle)
  }
}
