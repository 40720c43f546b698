import type { ChangeOf } from '../../core/driver.ts'
import type { Entry, NetworkId } from '../../core/guard/entry.ts'
import type { Quick } from '../../core/guard/quick.ts'
import { type Address, isIpv4 } from '../../core/values/address.ts'
import { assertNever } from '../../core/values/brand.ts'
import { type Element, elementOf } from './elements.ts'
import { hexOf } from './hex.ts'
import {
  chainOfReason,
  END,
  ENTRANCE,
  EXIT,
  exitChainOf,
  GUARD_PRIORITY,
  heldSetsOf,
  openChainOf,
} from './names.ts'
import { quickRule } from './quickRule.ts'
import { type Declared, heldSets, MAPS, ROUTERS, SETS } from './sets.ts'
import { endRule, markOf, openRules, sharedChains } from './shared.ts'

export type NftGuardChange = ChangeOf<'guard'>

/** A change as commands for `nft -f`, nft(8). */
export function renderGuard(change: NftGuardChange, table: string): string[] {
  switch (change.kind) {
    case 'guard-create':
      return create(change.mode, change.anew, table)
    case 'guard-mode':
      // While nothing was dropped, a guest may have called itself a router.
      return [`flush set netdev ${table} ${ROUTERS}`, ...replaceRules(END, [endRule(change.mode)], table)]
    case 'guard-network':
      return [
        ...(change.make ? makeNetwork(change.network, change.make === 'anew', table) : []),
        ...change.remove.map(address => remove(heldElement(change.network, address), table)),
        ...change.add.map(address => add(heldElement(change.network, address), table)),
      ]
    case 'guard-link-locals':
      return [
        ...change.remove.map(address => remove({ set: 'link-locals', key: hexOf(address) }, table)),
        ...change.add.map(address => add({ set: 'link-locals', key: hexOf(address) }, table)),
      ]
    case 'guard-port':
      return [...entries(change, table), ...portChains(change, table)]
    case 'guard-release':
      return [
        ...HOOKS.flatMap(({ chainOf }) => removeOwnChain(chainOf(change.link), table)),
        ...entries({ ...change, add: [] }, table),
      ]
    case 'guard-network-remove':
      return [
        ...removeChain(openChainOf(change.network), table),
        ...heldSets(change.network).map(({ name }) => `delete set netdev ${table} ${name}`),
      ]
    case 'guard-remove':
      return removeTable(table)
    default:
      return assertNever(change)
  }
}

/** The table goes if it is there, and its absence is no mistake. */
export function removeTable(table: string): string[] {
  return [`add table netdev ${table}`, `delete table netdev ${table}`]
}

function create(mode: 'report' | 'on', anew: boolean, table: string): string[] {
  return [
    ...(anew ? removeTable(table) : []),
    `add table netdev ${table}`,
    ...SETS.map(set => declare('set', set, table)),
    ...MAPS.map(map => declare('map', map, table)),
    ...[...sharedChains(mode)].flatMap(([chain, rules]) => [
      `add chain netdev ${table} ${chain}`,
      ...rules.map(rule => addRule(chain, rule, table)),
    ]),
  ]
}

function declare(what: 'set' | 'map', { name, spec }: Declared, table: string): string {
  return `add ${what} netdev ${table} ${name} { ${spec} }`
}

function addRule(chain: string, rule: string, table: string): string {
  return `add rule netdev ${table} ${chain} ${rule} comment "${markOf(rule)}"`
}

function replaceRules(chain: string, rules: readonly string[], table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, ...rules.map(rule => addRule(chain, rule, table))]
}

/** In place of what is there under these names, which ports may lead to: so the chain stays, and its rules are replaced. */
function makeNetwork(network: NetworkId, anew: boolean, table: string): string[] {
  const chain = openChainOf(network)
  return [
    ...heldSets(network).flatMap(set => [
      declare('set', set, table),
      ...(anew ? [`flush set netdev ${table} ${set.name}`] : []),
    ]),
    `add chain netdev ${table} ${chain}`,
    ...replaceRules(chain, openRules(network), table),
  ]
}

function heldElement(network: NetworkId, address: Address): Element {
  const { ipv4, ipv6 } = heldSetsOf(network)
  return isIpv4(address) ? { set: ipv4, key: address } : { set: ipv6, key: hexOf(address) }
}

/** What goes comes first: an interval may take the place of others. */
function entries(
  {
    link,
    add: added,
    remove: removed,
    forget,
  }: {
    readonly link: string
    readonly add: readonly Entry[]
    readonly remove: readonly Entry[]
    readonly forget: Extract<NftGuardChange, { kind: 'guard-port' }>['forget']
  },
  table: string,
): string[] {
  return [
    ...forget.map(reason => remove({ set: chainOfReason(reason), key: `"${link}"` }, table)),
    ...removed.map(entry => remove(elementOf(link, entry), table)),
    ...added.map(entry => add(elementOf(link, entry), table)),
  ]
}

function add({ set, key, comment, value }: Element, table: string): string {
  const rest = `${comment === undefined ? '' : ` comment "${comment}"`}${value === undefined ? '' : ` : ${value}`}`
  return `add element netdev ${table} ${set} { ${key}${rest} }`
}

function remove({ set, key, value }: Element, table: string): string {
  return `delete element netdev ${table} ${set} { ${key}${value === undefined ? '' : ` : ${value}`} }`
}

/** Where a port's frames are looked at, by which rules. */
const HOOKS = [
  { hook: 'ingress', chainOf: (link: string) => link, rulesOf: entranceRules },
  // Only IPv6 tells of routers and of link-local addresses.
  { hook: 'egress', chainOf: exitChainOf, rulesOf: () => [`meta protocol ip6 goto ${EXIT}`] },
] as const

type PortChange = Extract<NftGuardChange, { kind: 'guard-port' }>

/** What is told of itself by the last rule of each chain, and by those before it. */
function portChains({ link, label, chain: what, quick }: PortChange, table: string): string[] {
  if (what === 'kept') return []
  return HOOKS.flatMap(({ hook, chainOf, rulesOf }) => {
    const chain = chainOf(link)
    const rules = rulesOf(quick)
    const marks = [...quick.slice(0, rules.length - 1), label]
    return [
      ...(what === 'rules'
        ? [`flush chain netdev ${table} ${chain}`]
        : [
            ...removeOwnChain(chain, table),
            `add chain netdev ${table} ${chain} { type filter hook ${hook} device "${link}" priority ${GUARD_PRIORITY}; }`,
          ]),
      ...rules.map((rule, index) => `add rule netdev ${table} ${chain} ${rule} comment "${marks[index]}"`),
    ]
  })
}

function entranceRules(quick: readonly Quick[]): string[] {
  return [...quick.map(quickRule), `goto ${ENTRANCE}`]
}

/**
 * Under that name there may be a chain already, of this link or of one before it: with its link it went, or not, as the kernel has
 * it. To add one that is there changes nothing.
 */
function removeOwnChain(chain: string, table: string): string[] {
  return [`add chain netdev ${table} ${chain}`, ...removeChain(chain, table)]
}

function removeChain(chain: string, table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, `delete chain netdev ${table} ${chain}`]
}
