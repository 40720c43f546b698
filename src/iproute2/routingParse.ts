import * as z from 'zod'
import {
  type ForeignRoute,
  type MarkedRoute,
  type MarkedRule,
  type ObservedProxy,
  type PermanentNeighbour,
  ROUTE_METRIC,
} from '../core/routing/observation.ts'
import { type GuestRoute, guestRoute, PROTOCOL, RULE_PREF } from '../core/routing/routing.ts'
import { type Prefix, parseAddress, parseIpv6 } from '../core/values/address.ts'
import type { Family } from '../core/values/family.ts'
import { parseMac } from '../core/values/mac.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { readEntries } from './entries.ts'

/*
 * All of this is said by `ip -N`: protocols, tables, scopes and types are numbers then, whatever /etc/iproute2 and
 * /usr/share/iproute2 call them. What is 0 or usual is left out.
 */

const Route = z.object({
  dst: z.string(),
  type: z.string().optional(),
  protocol: z.coerce.number().default(3),
  metric: z.number().default(0),
  dev: z.string().optional(),
  gateway: z.string().optional(),
  flags: z.array(z.string()).default([]),
})

export interface TableRoutes {
  readonly marked: readonly MarkedRoute[]
  readonly foreign: readonly ForeignRoute[]
}

/** RTN_BLACKHOLE of rtnetlink(7). */
const BLACKHOLE = '6'

const DEFAULT_ROUTE = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const satisfies Record<Family, string>
const HOST_LENGTH = { ipv4: 32, ipv6: 128 } as const satisfies Record<Family, number>

/** Reads `ip -j -N -4|-6 route show table TABLE`, unfiltered: what a filter asks for, 6.1 leaves out. The mark is a protocol and a metric. */
export function parseRoutes(
  json: string,
  family: Family,
  table: number,
  mark: number = PROTOCOL,
): TableRoutes {
  const isMarked = ({ protocol, metric }: z.infer<typeof Route>) =>
    protocol === mark && metric === ROUTE_METRIC
  const routes = readEntries(Route, json).flatMap(entry => {
    const prefix = readPrefix(entry.dst, family)
    return prefix === undefined ? [] : [{ entry, prefix }]
  })
  return {
    marked: routes
      .filter(({ entry }) => isMarked(entry))
      .map(({ entry, prefix }) => {
        const route = readGuestRoute(entry, prefix)
        return { table, prefix, metric: entry.metric, ...(route && { route }) }
      }),
    foreign: routes
      .filter(({ entry }) => !isMarked(entry))
      .map(({ entry: { metric, protocol }, prefix }) => ({ table, prefix, metric, protocol })),
  }
}

function readPrefix(dst: string, family: Family): Prefix | undefined {
  if (dst === 'default') return parsePrefix(DEFAULT_ROUTE[family])
  return parsePrefix(dst.includes('/') ? dst : `${dst}/${HOST_LENGTH[family]}`)
}

function readGuestRoute(entry: z.infer<typeof Route>, prefix: Prefix): GuestRoute | undefined {
  const { type, dev: device, gateway, flags } = entry
  // IPv6 names a device, lo, all the same.
  if (type === BLACKHOLE) return guestRoute({ prefix })
  if (type !== undefined || device === undefined) return undefined
  if (gateway === undefined) return guestRoute({ prefix, device })
  const via = parseAddress(gateway)
  return via && flags.includes('onlink') ? guestRoute({ prefix, device, via }) : undefined
}

const NeighbourEntry = z.object({
  dst: z.string(),
  dev: z.string(),
  lladdr: z.string(),
  protocol: z.coerce.number().optional(),
})

/** Reads `ip -j -N neighbour show nud permanent`. */
export function parseNeighbours(json: string, mark: number = PROTOCOL): PermanentNeighbour[] {
  return readEntries(NeighbourEntry, json).flatMap(({ dst, dev, lladdr, protocol }) => {
    const address = parseAddress(dst)
    const mac = parseMac(lladdr)
    return address && mac ? [{ address, device: dev, mac, marked: protocol === mark }] : []
  })
}

const ProxyEntry = NeighbourEntry.omit({ lladdr: true })

/** Reads `ip -j -N -6 neighbour show proxy`. */
export function parseProxies(json: string, mark: number = PROTOCOL): ObservedProxy[] {
  return readEntries(ProxyEntry, json).flatMap(({ dst, dev, protocol }) => {
    const address = parseIpv6(dst)
    return address ? [{ address, device: dev, marked: protocol === mark }] : []
  })
}

const RuleEntry = z.looseObject({
  priority: z.number(),
  src: z.string(),
  table: z.coerce.number().default(0),
  protocol: z.coerce.number().optional(),
  iif: z.string().optional(),
  suppress_prefixlen: z.number().optional(),
})

/** What guestnet's own rules say of themselves; `iif_detached` while there is no such device. */
const USUAL = new Set([...Object.keys(RuleEntry.shape), 'iif_detached'])

const PREFS = new Set<number>(Object.values(RULE_PREF))

/** Reads `ip -j -N -4|-6 rule show`: the rules that bear the mark, which is a protocol and a preference. */
export function parseRules(json: string, family: Family, mark: number = PROTOCOL): MarkedRule[] {
  return readEntries(RuleEntry, json)
    .filter(({ protocol, priority }) => protocol === mark && PREFS.has(priority))
    .map(entry => ({
      family,
      pref: entry.priority,
      table: entry.table,
      ...(entry.iif === undefined ? {} : { device: entry.iif }),
      ...(entry.suppress_prefixlen === undefined ? {} : { suppress: entry.suppress_prefixlen }),
      peculiar: entry.src !== 'all' || Object.keys(entry).some(key => !USUAL.has(key)),
    }))
}
