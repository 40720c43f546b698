import type { Address, Prefix } from '../core/values/address.ts'
import type { Mac } from '../core/values/mac.ts'
import { addressIn, isHost } from '../core/values/prefix.ts'
import type { Leftover, LeftoverObservation, PlainNeighbour, PlainRoute, PlainRule } from './leftover.ts'

/** What fast-announcer put there for one guest, as its file says. */
export interface Trace {
  readonly device: string
  readonly table: number
  readonly mac: Mac
  readonly prefixes: readonly Prefix[]
  readonly addresses: readonly Address[]
}

/** By what a leftover is known to be one. */
export interface Evidence {
  readonly traces: readonly Trace[]
  /** The addresses of the cluster's guests, and the MACs that go with each. */
  readonly guests: ReadonlyMap<Address, ReadonlySet<Mac>>
}

export interface Leftovers {
  /** Surely left by fast-announcer. */
  readonly announcer: readonly Leftover[]
  /** Namespaces and links of the one with a Kea a bridge. */
  readonly keas: readonly Leftover[]
  /** Of fast-announcer's shape, but neither a file nor a guest's address says that it is its. */
  readonly leftAlone: readonly Leftover[]
}

/** The kernel's own tables: there only a file tells fast-announcer's routes from the host's. */
const HOSTS_TABLES = new Set([253, 254, 255])

/**
 * Tells predecessors' leftovers from everything else. A file of fast-announcer's must agree in everything: prefix, table,
 * link, MAC. Without one, its shape is a pair of rules, from and to the same address by the same table; what has that
 * shape is a leftover where the address is a guest's. Pure.
 */
export function findLeftovers(observed: LeftoverObservation, evidence: Evidence): Leftovers {
  const paired = pairedRules(observed.rules)
  const shapes = new Set(paired.map(({ prefix, table }) => `${prefix} ${table}`))
  const judged = [
    ...observed.rules.map(rule => judge(rule, isTracedRule(rule, evidence), paired.includes(rule), evidence)),
    ...observed.routes.map(route =>
      judge(route, isTracedRoute(route, evidence), hasShape(route, shapes), evidence),
    ),
    ...observed.neighbours.map(entry => judgeNeighbour(entry, paired, evidence)),
  ]
  const having = (verdict: Verdict) =>
    judged.flatMap(({ leftover, verdict: own }) => (own === verdict ? [leftover] : []))
  return {
    announcer: having('leftover'),
    keas: [
      ...observed.namespaces.filter(({ name }) => name.startsWith('kea_')),
      ...observed.links.filter(({ name }) => /^k[hn]_/.test(name)),
    ],
    leftAlone: having('doubtful'),
  }
}

type Verdict = 'leftover' | 'doubtful' | 'foreign'

interface Judged {
  readonly leftover: Leftover
  readonly verdict: Verdict
}

function judge(
  leftover: PlainRule | PlainRoute,
  isTraced: boolean,
  isOfShape: boolean,
  { guests }: Evidence,
): Judged {
  if (isTraced) return { leftover, verdict: 'leftover' }
  if (!isOfShape) return { leftover, verdict: 'foreign' }
  return { leftover, verdict: guests.has(addressIn(leftover.prefix)) ? 'leftover' : 'doubtful' }
}

/** Administrators have permanent entries, too: without a file, one counts only beside rules for the same address. */
function judgeNeighbour(entry: PlainNeighbour, paired: readonly PlainRule[], evidence: Evidence): Judged {
  const { address, device, mac } = entry
  const isTraced = evidence.traces.some(
    trace => trace.device === device && trace.mac === mac && trace.addresses.includes(address),
  )
  if (isTraced) return { leftover: entry, verdict: 'leftover' }
  const isOfShape = paired.some(({ prefix }) => addressIn(prefix) === address)
  if (!isOfShape) return { leftover: entry, verdict: 'foreign' }
  return { leftover: entry, verdict: evidence.guests.get(address)?.has(mac) ? 'leftover' : 'doubtful' }
}

function pairedRules(rules: readonly PlainRule[]): PlainRule[] {
  const keyOf = ({ prefix, table }: PlainRule, side: PlainRule['side']) => `${side} ${prefix} ${table}`
  const present = new Set(rules.map(rule => keyOf(rule, rule.side)))
  return rules.filter(
    rule =>
      isHost(rule.prefix) &&
      !HOSTS_TABLES.has(rule.table) &&
      present.has(keyOf(rule, rule.side === 'from' ? 'to' : 'from')),
  )
}

function isTracedRule({ prefix, table }: PlainRule, { traces }: Evidence): boolean {
  return traces.some(trace => trace.table === table && trace.prefixes.includes(prefix))
}

function isTracedRoute({ prefix, table, device }: PlainRoute, { traces }: Evidence): boolean {
  return traces.some(
    trace => trace.table === table && trace.device === device && trace.prefixes.includes(prefix),
  )
}

function hasShape({ prefix, table, via }: PlainRoute, shapes: ReadonlySet<string>): boolean {
  // IPv6 addresses have a link-local gateway there.
  return (via === undefined || via.startsWith('fe80:')) && shapes.has(`${prefix} ${table}`)
}
