import type { RoutingChange } from './change.ts'
import { markedRule, type ObservedRouting, ROUTE_METRIC } from './observation.ts'
import { neighbourKeyOf } from './obstacle.ts'

/**
 * What was seen of the kernel's routing, with changes since taken as made; `undefined` where only another look tells: a
 * gateway's changes take other things along.
 */
export function withChanges(
  seen: ObservedRouting,
  changes: readonly RoutingChange[],
): ObservedRouting | undefined {
  let routing: ObservedRouting | undefined = seen
  for (const change of changes) routing = routing && withChange(routing, change)
  return routing
}

function withChange(seen: ObservedRouting, change: RoutingChange): ObservedRouting | undefined {
  switch (change.kind) {
    case 'route-set': {
      const { route, table } = change
      const others = seen.routes.filter(
        other => other.table !== table || other.prefix !== route.prefix || other.metric !== ROUTE_METRIC,
      )
      return { ...seen, routes: [...others, { table, prefix: route.prefix, metric: ROUTE_METRIC, route }] }
    }
    case 'route-remove':
      return { ...seen, routes: seen.routes.filter(route => route !== change.route) }
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
