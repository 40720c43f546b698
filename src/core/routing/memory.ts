import type { RoutingChange } from './change.ts'
import { type MarkedRoute, markedRule, type ObservedRouting, ROUTE_METRIC } from './observation.ts'
import { neighbourKeyOf } from './obstacle.ts'

/**
 * What was seen of the kernel's routing, with changes since taken as made; `undefined` where only another look tells: a
 * gateway's changes take other things along.
 */
export function withChanges(
  seen: ObservedRouting,
  changes: readonly RoutingChange[],
): ObservedRouting | undefined {
  const routes = changes.filter(isOfRoute)
  let routing: ObservedRouting | undefined =
    routes.length === 0 ? seen : { ...seen, routes: withRoutes(seen.routes, routes) }
  for (const change of changes) if (!isOfRoute(change)) routing = routing && withChange(routing, change)
  return routing
}

type RouteChange = Extract<RoutingChange, { readonly kind: 'route-set' | 'route-remove' }>

function isOfRoute(change: RoutingChange): change is RouteChange {
  return change.kind === 'route-set' || change.kind === 'route-remove'
}

/** All at once: a start may set ten thousand. */
function withRoutes(seen: readonly MarkedRoute[], changes: readonly RouteChange[]): MarkedRoute[] {
  const set = new Map<string, MarkedRoute>()
  const removed = new Set<MarkedRoute>()
  for (const change of changes) {
    if (change.kind === 'route-remove') removed.add(change.route)
    else {
      const { table, route } = change
      const { prefix } = route
      set.set(placeOf({ table, prefix }), { table, prefix, metric: ROUTE_METRIC, route })
    }
  }
  const isReplaced = (route: MarkedRoute) => route.metric === ROUTE_METRIC && set.has(placeOf(route))
  return [...seen.filter(route => !removed.has(route) && !isReplaced(route)), ...set.values()]
}

function placeOf({ table, prefix }: Pick<MarkedRoute, 'table' | 'prefix'>): string {
  return `${table} ${prefix}`
}

function withChange(
  seen: ObservedRouting,
  change: Exclude<RoutingChange, RouteChange>,
): ObservedRouting | undefined {
  switch (change.kind) {
    case 'neighbour-set': {
      const place = neighbourKeyOf(change.neighbour)
      const others = seen.neighbours.filter(entry => neighbourKeyOf(entry) !== place)
      return { ...seen, neighbours: [...others, { ...change.neighbour, marked: true }] }
    }
    case 'neighbour-remove': {
      const place = neighbourKeyOf(change.neighbour)
      return { ...seen, neighbours: seen.neighbours.filter(entry => neighbourKeyOf(entry) !== place) }
    }
    case 'proxy-set':
      return { ...seen, proxies: [...seen.proxies, { ...change.proxy, marked: true }] }
    case 'proxy-remove': {
      const place = neighbourKeyOf(change.proxy)
      return { ...seen, proxies: seen.proxies.filter(entry => neighbourKeyOf(entry) !== place) }
    }
    case 'rule-add':
      return { ...seen, rules: [...seen.rules, markedRule(change.rule)] }
    case 'rule-remove':
      return { ...seen, rules: seen.rules.filter(rule => rule !== change.rule) }
    default:
      return undefined
  }
}
