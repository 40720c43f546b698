import * as z from 'zod'
import { isMark } from '../core/routing/mark.ts'
import { type Prefix, parseAddress } from '../core/values/address.ts'
import type { Family } from '../core/values/family.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { readEntries } from '../iproute2/entries.ts'
import { parseNeighbours } from '../iproute2/routingParse.ts'
import type { LeftLink, PlainNeighbour, PlainRoute, PlainRule } from './leftover.ts'

/** Strict: a rule that asks for anything else, such as a device or a mark, is none of the kind. */
const RuleEntry = z.strictObject({
  priority: z.number(),
  src: z.string(),
  srclen: z.number().optional(),
  dst: z.string().optional(),
  dstlen: z.number().optional(),
  table: z.coerce.number(),
  protocol: z.coerce.number().optional(),
})

/** Reads `ip -j -N -4|-6 rule show`: the rules of others that ask for a source only, or a destination only. */
export function parsePlainRules(json: string, family: Family): PlainRule[] {
  return readEntries(RuleEntry, json).flatMap(
    ({ priority: pref, src, srclen, dst, dstlen, table, protocol }) => {
      const side = src === 'all' ? 'to' : 'from'
      if ((protocol !== undefined && isMark(protocol)) || (side === 'from' && dst !== undefined)) return []
      const prefix = side === 'from' ? prefixOf(src, srclen) : prefixOf(dst, dstlen)
      return prefix === undefined ? [] : [{ kind: 'rule', family, pref, side, prefix, table }]
    },
  )
}

function prefixOf(address: string | undefined, length: number | undefined): Prefix | undefined {
  if (address === undefined) return undefined
  return parsePrefix(`${address}/${length ?? (address.includes(':') ? 128 : 32)}`)
}

/** rtnetlink(7): what a program gets that asks for no protocol, and what most people write. */
const BOOT = 3
const STATIC = 4

const RouteEntry = z.object({
  dst: z.string(),
  /** Any but unicast, such as `blackhole`, has one. */
  type: z.undefined().optional(),
  protocol: z.coerce.number().default(BOOT),
  metric: z.number().default(0),
  dev: z.string(),
  gateway: z.string().optional(),
})

/** Reads `ip -j -N -4|-6 route show table TABLE`: routes on a link that no daemon and not the kernel put there. */
export function parsePlainRoutes(json: string, table: number): PlainRoute[] {
  return readEntries(RouteEntry, json).flatMap(({ dst, protocol, metric, dev: device, gateway }) => {
    const [address, length] = dst.split('/')
    const prefix = prefixOf(address, length === undefined ? undefined : Number(length))
    const via = gateway === undefined ? undefined : parseAddress(gateway)
    if (prefix === undefined || (protocol !== BOOT && protocol !== STATIC)) return []
    return [{ kind: 'route', prefix, device, ...(via && { via }), table, metric, protocol }]
  })
}

/** Reads `ip -j -N neighbour show nud permanent`: those without guestnet's mark. */
export function parsePlainNeighbours(json: string): PlainNeighbour[] {
  return parseNeighbours(json)
    .filter(({ marked }) => !marked)
    .map(({ address, device, mac }) => ({ kind: 'neighbour', address, device, mac }))
}

const NamespaceEntry = z.object({ name: z.string() })

/** Reads `ip -j netns list`. */
export function parseNamespaces(json: string): string[] {
  return readEntries(NamespaceEntry, json).map(({ name }) => name)
}

const VethEntry = z.object({ ifname: z.string(), linkinfo: z.object({ info_kind: z.literal('veth') }) })

/** Reads `ip -d -j link show`: the veth links. */
export function parseVeths(json: string): LeftLink[] {
  return readEntries(VethEntry, json).map(({ ifname: name }) => ({ kind: 'link', name }))
}
