import * as z from 'zod'
import type { Drop } from '../../core/guard/drop.ts'
import { type Entry, type NetworkId, NOWHERE } from '../../core/guard/entry.ts'
import type { GuardTable, ObservedNetwork, ObservedPort } from '../../core/guard/observation.ts'
import type { Quick } from '../../core/guard/quick.ts'
import { isGuestPort } from '../../core/guest/links.ts'
import { type Address, type Ipv6, parseAddress, parseIpv4 } from '../../core/values/address.ts'
import { groupBy } from '../../core/values/collection.ts'
import { parseMac } from '../../core/values/mac.ts'
import { EXTRA } from './elements.ts'
import { addressOfNumber, prefixOfRange } from './hex.ts'
import {
  exitChainOf,
  heldSetsOf,
  linkOfExitChain,
  networkOfChain,
  networkOfSet,
  openChainOf,
  reasonOf,
} from './names.ts'
import { heldSets, MAPS, SETS } from './sets.ts'
import { markOf, openRules, sharedChains } from './shared.ts'

/** libnftables-json(5), as much of it as is read here. */
const Collection = z.object({ name: z.string(), table: z.string(), elem: z.array(z.unknown()).default([]) })
const Rule = z.object({ chain: z.string(), comment: z.string().default('') })
const Item = z.object({
  chain: z.object({ name: z.string(), dev: z.unknown().optional() }).optional(),
  rule: Rule.optional(),
  set: Collection.optional(),
  map: Collection.optional(),
})
const Listing = z.object({ nftables: z.array(Item) })

/** An element that has more than its key. */
const Detailed = z.object({
  elem: z.object({
    val: z.unknown(),
    comment: z.string().optional(),
    counter: z.object({ packets: z.number() }).optional(),
  }),
})
const Concatenation = z.object({ concat: z.array(z.unknown()) })
const Range = z.object({ range: z.tuple([z.unknown(), z.unknown()]) })
const PrefixOf = z.object({ prefix: z.object({ addr: z.string(), len: z.number() }) })
const Goto = z.object({ goto: z.object({ target: z.string() }) })

/** An element as it is listed: the parts of its key, and what else it has. */
interface Listed {
  readonly key: readonly unknown[]
  readonly comment?: string | undefined
  readonly packets: number
  readonly value?: unknown
}

/** Reads `nft -j list table netdev NAME.guard`. */
export function parseGuard(json: string): GuardTable {
  const { nftables } = Listing.parse(JSON.parse(json))
  const collections = new Map(
    nftables.flatMap(({ set, map }) => {
      const found = set ?? map
      return found ? [[found.name, found.elem.map(listed)] as const] : []
    }),
  )
  const rules = groupBy(
    nftables.flatMap(({ rule }) => (rule ? [rule] : [])),
    ({ chain }) => chain,
  )
  const chains = new Map(
    nftables.flatMap(({ chain }) =>
      chain ? [[chain.name, (rules.get(chain.name) ?? []).map(({ comment }) => comment)] as const] : [],
    ),
  )
  const mode = modeOf(chains)
  return {
    exists: true,
    intact: mode !== undefined && [...SETS, ...MAPS].every(({ name }) => collections.has(name)),
    ...(mode && { mode }),
    ports: portsOf(chains, collections),
    networks: networksOf(chains, collections),
    linkLocals: new Set((collections.get('link-locals') ?? []).flatMap(({ key }) => ipv6(key[0]))),
    drops: dropsOf(collections),
  }
}

/** The counts alone: `nft -j list maps netdev` tells those of every table. */
export function parseDrops(json: string, table: string): GuardTable['drops'] {
  const { nftables } = Listing.parse(JSON.parse(json))
  return dropsOf(
    new Map(
      nftables.flatMap(({ map }) =>
        map?.table === table ? [[map.name, map.elem.map(listed)] as const] : [],
      ),
    ),
  )
}

type Chains = ReadonlyMap<string, readonly string[]>
type Collections = ReadonlyMap<string, readonly Listed[]>

/** The mode in which all shared chains are exactly as this version makes them. */
function modeOf(chains: Chains): 'report' | 'on' | undefined {
  return (['on', 'report'] as const).find(mode =>
    [...sharedChains(mode)].every(([chain, rules]) => isAsMade(chains.get(chain), rules)),
  )
}

function isAsMade(marks: readonly string[] | undefined, rules: readonly string[]): boolean {
  return marks?.length === rules.length && rules.every((rule, index) => marks[index] === markOf(rule))
}

function portsOf(chains: Chains, collections: Collections): Map<string, ObservedPort> {
  const entries = new Map<string, Set<Entry>>()
  for (const [set, elements] of collections) {
    for (const element of elements) {
      const [link] = element.key
      const entry = typeof link === 'string' ? entryOf(set, element) : undefined
      if (entry === undefined) continue
      const own = entries.get(String(link)) ?? new Set()
      entries.set(String(link), own.add(entry))
    }
  }
  const named = [...chains.keys()].flatMap(chain =>
    isGuestPort(chain) ? chain : (linkOfExitChain(chain) ?? []),
  )
  return new Map(
    [...new Set([...named, ...entries.keys()])].map(link => {
      const own = [chains.get(link), chains.get(exitChainOf(link))] as const
      const { label, quick } = rulesOf(...own)
      return [
        link,
        {
          ...(label !== undefined && { label }),
          hasChain: own.some(chain => chain !== undefined),
          quick,
          entries: entries.get(link) ?? new Set(),
        },
      ]
    }),
  )
}

type Marks = readonly string[] | undefined

/** What the rules of a port's two chains say of themselves: the last of each whose it is, those before it what they let pass. */
function rulesOf(entrance: Marks = [], exit: Marks = []): Pick<ObservedPort, 'label' | 'quick'> {
  const label = entrance.at(-1)
  const quick = entrance.slice(0, -1).filter(isQuick)
  const isAsMade = quick.length === entrance.length - 1 && exit.length === 1 && exit[0] === label
  return label !== undefined && label !== '' && isAsMade ? { label, quick } : { quick: [] }
}

function isQuick(mark: string): mark is Quick {
  const [mac = '', address = ''] = mark.split(' ')
  return parseMac(mac) !== undefined && parseAddress(address) !== undefined
}

/** The entry that an element of a port is; `undefined` for one of a set that holds none. */
function entryOf(set: string, { key: [, second], comment, value }: Listed): Entry | undefined {
  const extra = comment === EXTRA ? 'extra-' : ''
  switch (set) {
    case 'any-mac':
      return 'any-mac'
    case 'routers':
      return 'router'
    case 'macs':
      return `mac ${String(second)}` as Entry
    case 'own4':
      return `${extra}ipv4 ${String(second)}` as Entry
    case 'own6':
      return `${extra}ipv6 ${addressOfNumber(second)}` as Entry
    case 'behind4':
      return `prefix4 ${prefix4(second)}` as Entry
    case 'behind6':
      return `prefix6 ${prefix6(second)}` as Entry
    case 'open4':
    case 'open6':
      return `${set} ${networkOfVerdict(value)}` as Entry
    case 'tags':
      return `tags ${vlans(second)} ${networkOfVerdict(value)}` as Entry
    default:
      return undefined
  }
}

function prefix4(part: unknown): string {
  const prefix = PrefixOf.safeParse(part)
  return prefix.success ? `${prefix.data.prefix.addr}/${prefix.data.prefix.len}` : String(part)
}

function prefix6(part: unknown): string {
  const range = Range.safeParse(part)
  return String(range.success && prefixOfRange(...range.data.range))
}

function vlans(part: unknown): string {
  const range = Range.safeParse(part)
  return range.success ? range.data.range.join('-') : String(part)
}

function networkOfVerdict(value: unknown): NetworkId {
  const verdict = Goto.safeParse(value)
  return (verdict.success ? networkOfChain(verdict.data.goto.target) : undefined) ?? NOWHERE
}

function networksOf(chains: Chains, collections: Collections): Map<NetworkId, ObservedNetwork> {
  const ids = new Set([
    ...[...chains.keys()].flatMap(chain => networkOfChain(chain) ?? []),
    ...[...collections.keys()].flatMap(set => networkOfSet(set) ?? []),
  ])
  return new Map(
    [...ids].map(id => [
      id,
      {
        intact:
          isAsMade(chains.get(openChainOf(id)), openRules(id)) &&
          heldSets(id).every(({ name }) => collections.has(name)),
        held: heldOf(id, collections),
      },
    ]),
  )
}

function heldOf(id: NetworkId, collections: Collections): Set<Address> {
  const names = heldSetsOf(id)
  return new Set<Address>([
    ...(collections.get(names.ipv4) ?? []).flatMap(({ key }) => parseIpv4(String(key[0])) ?? []),
    ...(collections.get(names.ipv6) ?? []).flatMap(({ key }) => ipv6(key[0])),
  ])
}

function dropsOf(collections: Collections): Map<string, Drop[]> {
  const drops = new Map<string, Drop[]>()
  for (const [map, elements] of collections) {
    const reason = reasonOf(map)
    if (reason === undefined) continue
    for (const { key, packets, value } of elements) {
      const link = String(key[0])
      const drop = { reason, packets, sample: sampleOf(reason, value) }
      drops.set(link, [...(drops.get(link) ?? []), drop])
    }
  }
  return drops
}

/** As people write it; a number is an IPv6 address, but for VLANs and EtherTypes. */
function sampleOf(reason: Drop['reason'], value: unknown): string {
  if (reason === 'ethertype')
    return typeof value === 'number' ? `0x${value.toString(16).padStart(4, '0')}` : String(value)
  const isNumber = typeof value === 'number' || (typeof value === 'string' && value.startsWith('0x'))
  return reason !== 'tag' && isNumber ? (addressOfNumber(value) ?? String(value)) : String(value)
}

/** `[KEY, VALUE]` of a map, `KEY` of a set; a key with a counter or a comment is within `elem`. */
function listed(element: unknown): Listed {
  const [outer, value] = Array.isArray(element) ? (element as unknown[]) : [element]
  const detailed = Detailed.safeParse(outer)
  const { val = outer, comment, counter } = detailed.success ? detailed.data.elem : {}
  const concatenation = Concatenation.safeParse(val)
  const key = concatenation.success ? concatenation.data.concat : [val]
  return { key, comment, packets: counter?.packets ?? 0, value }
}

function ipv6(number: unknown): Ipv6[] {
  const address = addressOfNumber(number)
  return address === undefined ? [] : [address]
}
