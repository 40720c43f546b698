import * as z from 'zod'
import type { ElementKey, PortChain, PortRule, PortTable } from '../core/dhcp/observation.ts'
import { groupBy } from '../core/values/collection.ts'
import { parseMac } from '../core/values/mac.ts'
import { MANAGED_RULES } from './managed.ts'
import {
  isPortChain,
  linkOfReplies,
  linkOfRouters,
  MANAGED,
  OVERHEARD,
  PORT_MAP,
  SOLICITED,
  serverOfChain,
} from './names.ts'

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
const Counter = z.object({ counter: z.object({ packets: z.number() }) })
const Forward = z.object({ fwd: z.object({ dev: z.unknown() }) })
/** libnftables calls the link `addr`, whatever the family. */
const Copy = z.object({ dup: z.object({ addr: z.unknown() }) })
const OverLimit = z.object({ limit: z.object({ inv: z.literal(true) }) })
const Goto = z.object({ goto: z.object({ target: z.string() }) })

type Rule = z.infer<typeof Rule>

type Answered = keyof typeof PORT_MAP
const ANSWERED = Object.keys(PORT_MAP) as Answered[]

export const NO_TABLE: PortTable = {
  exists: false,
  switches: new Map(),
  replies: new Set(),
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
  const mapOf = (what: Answered) => nftables.find(entry => entry.map?.name === PORT_MAP[what])?.map
  const replies = new Set(
    chains.flatMap(({ name, rules }) => {
      const link = linkOfReplies(name)
      return link !== undefined && isRepliesIntact(rules) ? [link] : []
    }),
  )
  const solicitations = waysOf(name => rules.get(name) ?? [], replies)
  return {
    exists: mapOf('ipv4') !== undefined && mapOf('router') !== undefined,
    switches: new Map(
      chains.flatMap(({ name, rules }) => {
        const server = serverOfChain(name)
        return server === undefined ? [] : [[server, destinationOf(rules)] as const]
      }),
    ),
    replies,
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
      ANSWERED.flatMap(what => mapOf(what)?.elem?.flatMap(element => readElement(what, element)) ?? []),
    ),
  }
}

/** Where the requests of a server go; an empty string if nowhere. */
function destinationOf(rules: readonly Rule[]): string {
  return onlyDevice(rules, expr => Forward.safeParse(expr).data?.fwd.dev)
}

/** Where solicitations go: the same link for both kinds, whose answers come back. `undefined`: nowhere, as meant. */
function waysOf(rulesIn: (chain: string) => readonly Rule[], replies: ReadonlySet<string>) {
  const [solicited, overheard, managed] = [rulesIn(SOLICITED), rulesIn(OVERHEARD), rulesIn(MANAGED)]
  if ([solicited, overheard, managed].every(({ length }) => length === 0)) return undefined
  const link = destinationOf(solicited)
  const copied = onlyDevice(overheard, expr => Copy.safeParse(expr).data?.dup.addr)
  return link === copied && replies.has(link) && managed.length === MANAGED_RULES.length ? link : ''
}

/** The link in the one rule of a chain; an empty string where there is none. */
function onlyDevice(rules: readonly Rule[], read: (expr: unknown) => unknown): string {
  const [rule, ...others] = rules
  const dev = rule?.expr.map(read).find(found => found !== undefined)
  return others.length === 0 && typeof dev === 'string' ? dev : ''
}

function isRepliesIntact(rules: readonly Rule[]): boolean {
  const [forward, drop, ...others] = rules
  return (
    others.length === 0 &&
    forward?.expr.some(expr => Forward.safeParse(expr).success) === true &&
    drop?.expr.some(expr => typeof expr === 'object' && expr !== null && 'drop' in expr) === true
  )
}

/** A service is two rules: what is too much for it, then what goes to its server. */
function portChainOf(rules: readonly Rule[]): PortChain {
  const chain: PortRule[] = []
  let dropped: number | undefined
  for (const rule of rules) {
    const packets = packetsOf(rule)
    if (dropped === undefined && rule.expr.some(expr => OverLimit.safeParse(expr).success)) {
      dropped = packets
      continue
    }
    const isIntact = dropped !== undefined && rule.expr.some(expr => Goto.safeParse(expr).success)
    const label = isIntact ? rule.comment : undefined
    chain.push({ ...(label !== undefined && { label }), packets, ...(dropped && { dropped }) })
    dropped = undefined
  }
  return dropped === undefined ? chain : [...chain, { packets: 0 }]
}

function packetsOf({ expr }: Rule): number {
  const counter = expr.map(each => Counter.safeParse(each)).find(result => result.success)
  return counter?.data?.counter.packets ?? 0
}

function readElement(what: Answered, [key, value]: [unknown, unknown]): [ElementKey, string][] {
  const mac = parseMac(typeof key === 'string' && key.includes(':') ? key : fromNumber(key))
  return mac ? [[`${what} ${mac}`, String(value)]] : []
}

/** A hardware address inside a message comes as one number, its six octets. */
function fromNumber(key: unknown): string {
  const hex = BigInt(typeof key === 'number' || typeof key === 'string' ? key : 0)
    .toString(16)
    .padStart(12, '0')
  return hex.match(/../g)?.join(':') ?? ''
}
