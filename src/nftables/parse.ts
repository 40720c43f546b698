import * as z from 'zod'
import { type ElementKey, elementKeyOf, type PortChain, type PortTable } from '../core/dhcp/observation.ts'
import { parseIpv6 } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import { groupBy } from '../core/values/collection.ts'
import { parseMac } from '../core/values/mac.ts'
import { MANAGED_RULES } from './managed.ts'
import {
  ADVERTISEMENTS,
  ASKED_FROM,
  chainOfRequests,
  FORMERLY_ASKED_FROM,
  isPortChain,
  linkOfReplies,
  linkOfRequests,
  linkOfRouters,
  MANAGED,
  MAPS,
  OVERHEARD,
  SOLICITED,
  serverOfChain,
} from './names.ts'
import { numberOf } from './number.ts'

/** libnftables-json(5), as much of it as is read here. */
const Rule = z.object({ chain: z.string(), comment: z.string().optional(), expr: z.array(z.unknown()) })
const Entry = z.object({
  chain: z.object({ name: z.string() }).optional(),
  rule: Rule.optional(),
  map: z
    .object({ name: z.string(), elem: z.array(z.tuple([z.unknown(), z.unknown()])).optional() })
    .optional(),
})
const Listing = z.object({ nftables: z.array(Entry) })
const counterOf = statement('counter', z.object({ packets: z.number() }))
const forwardOf = statement('fwd', z.object({ dev: z.unknown() }))
/** libnftables calls the link `addr`, whatever the family. */
const copyOf = statement('dup', z.object({ addr: z.unknown() }))
const limitOf = statement('limit', z.object({ inv: z.literal(false).optional() }))
const gotoOf = statement('goto', z.object({ target: z.string() }))

type Rule = z.infer<typeof Rule>

export const NO_TABLE: PortTable = {
  exists: false,
  switches: new Map(),
  open: new Set(),
  chains: new Map(),
  routers: new Map(),
  elements: new Map(),
}

/** Reads `nft -j list table netdev NAME`. A chain that is not as guestnet makes it counts as something to be made anew. */
export function parseTable(json: string): PortTable {
  const { nftables } = Listing.parse(JSON.parse(json))
  const rules = groupBy(
    nftables.flatMap(({ rule }) => (rule ? [rule] : [])),
    rule => rule.chain,
  )
  const chains = nftables.flatMap(({ chain }) =>
    chain ? [{ name: chain.name, rules: rules.get(chain.name) ?? [] }] : [],
  )
  const leadsTo = (chain: string) => linkLedTo(chain, rules.get(chain) ?? [])
  const solicitations = waysOf(name => rules.get(name) ?? [])
  const hasChain = (name: string) => chains.some(chain => chain.name === name)
  const mapOf = (name: string) => nftables.find(entry => entry.map?.name === name)?.map
  return {
    exists:
      [...Object.values(MAPS), ASKED_FROM, FORMERLY_ASKED_FROM].every(name => mapOf(name) !== undefined) &&
      [SOLICITED, OVERHEARD, MANAGED].every(hasChain),
    switches: new Map(
      chains.flatMap(({ name, rules }) => {
        const server = serverOfChain(name)
        return server === undefined ? [] : [[server, requestsGoTo(rules, leadsTo)] as const]
      }),
    ),
    open: new Set(
      chains.flatMap(({ name, rules }) => {
        const link = linkOfReplies(name)
        return link !== undefined && isLetOut(rules, 3) && leadsTo(chainOfRequests(link)) === link
          ? [link]
          : []
      }),
    ),
    ...(solicitations !== undefined && { solicitations }),
    chains: new Map(
      chains
        .filter(({ name }) => isPortChain(name))
        .map(({ name, rules }) => [name, portChainOf(rules)] as const),
    ),
    routers: new Map(
      chains.flatMap(({ name, rules: [rule, ...others] }) => {
        const link = linkOfRouters(name)
        return link !== undefined && rule && others.length === 0 ? [[link, packetsOf(rule)]] : []
      }),
    ),
    elements: new Map(
      KINDS.flatMap(kind => mapOf(MAPS[kind])?.elem?.flatMap(element => readElement(kind, element)) ?? []),
    ),
  }
}

/**
 * What reads a statement of a rule that is of a kind; `undefined` of any other. Which kind it is, is looked at first: of a node's
 * thousands of statements most are of another kind, and to have a schema find that out takes fifty times as long.
 */
function statement<T>(kind: string, schema: z.ZodType<T>): (expr: unknown) => T | undefined {
  return expr => {
    if (typeof expr !== 'object' || expr === null || !(kind in expr)) return undefined
    return schema.safeParse((expr as Record<string, unknown>)[kind]).data
  }
}

/** Where the requests of a server go, by a chain that leads there or, as former versions made it, at once; an empty string if nowhere. */
function requestsGoTo(rules: readonly Rule[], leadsTo: (chain: string) => string): string {
  const [rule, ...others] = rules
  const target = rule?.expr.map(expr => gotoOf(expr)?.target).find(found => found !== undefined)
  if (target === undefined) return destinationOf(rules)
  return others.length === 0 ? leadsTo(target) : ''
}

/** The link that a slot's chain leads to: the one it is called by, and no other; an empty string where it does not. */
function linkLedTo(chain: string, rules: readonly Rule[]): string {
  const link = destinationOf(rules)
  return link === linkOfRequests(chain) ? link : ''
}

/** Where the one rule of a chain sends what comes by; an empty string if nowhere. */
function destinationOf(rules: readonly Rule[]): string {
  return onlyDevice(rules, expr => forwardOf(expr)?.dev)
}

/** Where solicitations go: the same link for both kinds, whose answers come back. `undefined`: nowhere, as meant. */
function waysOf(rulesIn: (chain: string) => readonly Rule[]): string | undefined {
  const [solicited, overheard] = [rulesIn(SOLICITED), rulesIn(OVERHEARD)]
  const [managed, answers] = [rulesIn(MANAGED), rulesIn(ADVERTISEMENTS)]
  if ([solicited, overheard, managed, answers].every(({ length }) => length === 0)) return undefined
  const link = destinationOf(solicited)
  const copied = onlyDevice(overheard, expr => copyOf(expr)?.addr)
  const isIntact = managed.length === MANAGED_RULES.length && isLetOut(answers, 1)
  return link === copied && isIntact ? link : ''
}

/** The link in the one rule of a chain; an empty string where there is none. */
function onlyDevice(rules: readonly Rule[], read: (expr: unknown) => unknown): string {
  const [rule, ...others] = rules
  const dev = rule?.expr.map(read).find(found => found !== undefined)
  return others.length === 0 && typeof dev === 'string' ? dev : ''
}

/** Whether a chain lets out so many kinds of answers, each to its port, and drops everything else. */
function isLetOut(rules: readonly Rule[], kinds: number): boolean {
  const drop = rules[kinds]
  return (
    rules.length === kinds + 1 &&
    rules.slice(0, kinds).every(rule => rule.expr.some(expr => forwardOf(expr) !== undefined)) &&
    drop !== undefined &&
    drops(drop)
  )
}

function drops({ expr }: Rule): boolean {
  return expr.some(each => typeof each === 'object' && each !== null && 'drop' in each)
}

/** A service is two rules: what goes to its server, then what does not. */
function portChainOf([rule, rest, ...others]: readonly Rule[]): PortChain {
  if (!rule) return []
  const packets = packetsOf(rule)
  if (!rest || !isTaken(rule) || !drops(rest))
    return [{ packets }, ...portChainOf(rest ? [rest, ...others] : [])]
  const { comment: label } = rule
  const dropped = packetsOf(rest)
  return [
    { ...(label !== undefined && { label }), packets, ...(dropped > 0 && { dropped }) },
    ...portChainOf(others),
  ]
}

function isTaken({ expr }: Rule): boolean {
  return expr.some(each => limitOf(each) !== undefined) && expr.some(each => gotoOf(each) !== undefined)
}

function packetsOf({ expr }: Rule): number {
  for (const each of expr) {
    const counter = counterOf(each)
    if (counter) return counter.packets
  }
  return 0
}

const KINDS = ['ipv4', 'ipv6', 'known-as'] as const

function readElement(kind: (typeof KINDS)[number], [key, value]: [unknown, unknown]): [ElementKey, string][] {
  switch (kind) {
    case 'ipv4':
      return readElement4(key, String(value))
    case 'ipv6': {
      const mac = parseMac(String(key))
      return mac ? [[elementKeyOf({ family: kind, mac }), String(value)]] : []
    }
    case 'known-as': {
      const address = parseIpv6(String(key))
      return address ? [[`${kind} ${address}`, String(value)]] : []
    }
    default:
      return assertNever(kind)
  }
}

/** What comes from a packet's payload has no type: the six octets of a hardware address are one number. */
function readElement4(key: unknown, link: string): [ElementKey, string][] {
  const hex = numberOf(key)?.toString(16).padStart(12, '0')
  const mac = parseMac(hex?.match(/../g)?.join(':') ?? '')
  return mac ? [[elementKeyOf({ family: 'ipv4', mac }), link]] : []
}
