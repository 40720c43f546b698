import { memoOfEach } from '../values/memo.ts'
import type { RoutingChange } from './change.ts'
import { devicesOfNewMac, diffGateways } from './gatewayDiff.ts'
import {
  type MarkedRoute,
  type MarkedRule,
  markedRule,
  type ObservedRouting,
  ROUTE_METRIC,
} from './observation.ts'
import { neighbourKeyOf, prefixesTaken } from './obstacle.ts'
import { type GuestRoute, type GuestRule, keyOf, type Routing } from './routing.ts'

/** What is to be set, and what is to be removed later, when nothing needs it any more. */
export interface Steps {
  readonly set: readonly RoutingChange[]
  readonly remove: readonly RoutingChange[]
}

/**
 * The steps from what the kernel has to what announcing needs: first a guest's way is made, each part before what uses
 * it, then what is no longer wanted goes, in the opposite order. What does not bear guestnet's mark is neither replaced
 * nor removed, and counts as there where it is just as wanted; `findObstacles` tells where it is in the way.
 */
export function diffRouting(wanted: Routing, observed: ObservedRouting): RoutingChange[] {
  const stages = [
    diffGateways(wanted.gateways, observed.gateways),
    diffNeighbours(wanted, observed),
    diffProxies(wanted, observed),
    diffRoutes(wanted, observed),
  ]
  const rules = diffRules(wanted, observed)
  return [
    ...stages.flatMap(({ set }) => set),
    ...rules.set,
    ...stages.toReversed().flatMap(({ remove }) => remove),
    ...rules.remove,
  ]
}

function diffNeighbours(wanted: Routing, observed: ObservedRouting): Steps {
  const present = new Map(observed.neighbours.map(entry => [neighbourKeyOf(entry), entry]))
  const places = new Set(wanted.neighbours.map(neighbourKeyOf))
  const changing = devicesOfNewMac(wanted.gateways, observed.gateways)
  return {
    set: wanted.neighbours.flatMap(neighbour => {
      const entry = present.get(neighbourKeyOf(neighbour))
      const isMarkedWell = entry?.mac === neighbour.mac && !changing.has(neighbour.device)
      const isSettled = entry !== undefined && (!entry.marked || isMarkedWell)
      return isSettled ? [] : [{ kind: 'neighbour-set', neighbour } as const]
    }),
    remove: observed.neighbours
      .filter(entry => entry.marked && !places.has(neighbourKeyOf(entry)))
      .map(({ address, device }) => ({ kind: 'neighbour-remove', neighbour: { address, device } }) as const),
  }
}

function diffProxies(wanted: Routing, observed: ObservedRouting): Steps {
  const present = new Set(observed.proxies.map(neighbourKeyOf))
  const places = new Set(wanted.proxies.map(neighbourKeyOf))
  return {
    set: wanted.proxies
      .filter(proxy => !present.has(neighbourKeyOf(proxy)))
      .map(proxy => ({ kind: 'proxy-set', proxy }) as const),
    remove: observed.proxies
      .filter(entry => entry.marked && !places.has(neighbourKeyOf(entry)))
      .map(({ address, device }) => ({ kind: 'proxy-remove', proxy: { address, device } }) as const),
  }
}

function diffRoutes(wanted: Routing, observed: ObservedRouting): Steps {
  const isOurs = (marked: MarkedRoute) => isInPlace(marked, wanted.table)
  // Nearly all of them are as they should be, and one value here and there.
  const { routes: present, others } = presentIn(observed.routes, wanted.table)
  const missing = wanted.routes.filter(route => !present.has(route))
  if (missing.length === 0 && others.length === 0 && present.size === wanted.routes.length)
    return { set: [], remove: [] }
  const all = new Set(wanted.routes)
  const surplus = observed.routes.filter(
    marked => !(marked.route !== undefined && isOurs(marked) && all.has(marked.route)),
  )
  const keys = new Set(missing.map(keyOf.route))
  const equal = new Set(
    surplus.flatMap(marked => (marked.route && isOurs(marked) ? [keyOf.route(marked.route)] : [])),
  )
  const taken = prefixesTaken(observed.foreign, wanted.table)
  const set = missing.filter(route => !equal.has(keyOf.route(route)) && !taken.has(route.prefix))
  // Setting a route replaces, without a gap, the one that has its place.
  const replaced = new Set(set.map(({ prefix }) => prefix))
  const isWanted = (marked: MarkedRoute) =>
    isOurs(marked) &&
    (replaced.has(marked.prefix) || (marked.route !== undefined && keys.has(keyOf.route(marked.route))))
  return {
    set: set.map(route => ({ kind: 'route-set', table: wanted.table, route }) as const),
    remove: surplus
      .filter(marked => !isWanted(marked))
      .map(route => ({ kind: 'route-remove', route }) as const),
  }
}

function isInPlace({ table, metric }: MarkedRoute, wanted: number): boolean {
  return table === wanted && metric === ROUTE_METRIC
}

/** The routes that are in a table as guestnet makes them, and what else is marked as its own; gone through once while the kernel has the same. */
const presentIn = memoOfEach((observed: readonly MarkedRoute[], table: number) => {
  const routes = new Set<GuestRoute>()
  const others: MarkedRoute[] = []
  for (const marked of observed) {
    if (isInPlace(marked, table) && marked.route) routes.add(marked.route)
    else others.push(marked)
  }
  return { routes, others }
})

/**
 * Removals come first: the kernel refuses a rule as a duplicate of one that asks for the same and more (`rule_exists` in
 * net/core/fib_rules.c compares what the new one asks for). Only what leads to a table that is no longer guestnet's goes last: by
 * it an agent that comes after one that was killed knows of that table and what is left in it.
 */
function diffRules(wanted: Routing, observed: ObservedRouting): Steps {
  const missing = new Map(wanted.rules.map(rule => [keyOf.rule(rule), rule]))
  const surplus: MarkedRule[] = []
  for (const marked of observed.rules) {
    const rule = missing.get(keyOf.rule(marked))
    if (rule && isJust(rule, marked)) missing.delete(keyOf.rule(rule))
    else surplus.push(marked)
  }
  const tables = new Set([wanted.table, ...wanted.rules.map(({ table }) => table)])
  const removals = (isOfTheseTables: boolean) =>
    surplus
      .filter(({ table }) => tables.has(table) === isOfTheseTables)
      .map(rule => ({ kind: 'rule-remove', rule }) as const)
  return {
    set: [...removals(true), ...[...missing.values()].map(rule => ({ kind: 'rule-add', rule }) as const)],
    remove: removals(false),
  }
}

/** Whether a rule for the same traffic and table is as guestnet makes it. */
function isJust(rule: GuestRule, { pref, suppress, peculiar }: MarkedRule): boolean {
  const made = markedRule(rule)
  return pref === made.pref && suppress === made.suppress && peculiar === made.peculiar
}
