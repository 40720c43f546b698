import type { BirdPeer, BirdSettings } from '../core/announcing/birdSettings.ts'
import { OWN_FUNCTION } from '../core/announcing/ownCommunities.ts'
import type { ExportRule, VmidRange } from '../core/policy/exportRule.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { describeNetwork, type Network } from '../core/values/network.ts'
import { renderCommunity } from './community.ts'
import { NAMES, NETWORK, SINCE } from './names.ts'
import { renderPattern } from './pattern.ts'

/** Of MULTI_EXIT_DISC (RFC 4271, section 4.3). */
const LARGEST_MED = 0xffff_ffff

/** What may leave the node, whatever the routing tables hold, and how: a filter for all peers that are told the same. */
export function renderExport(
  family: Family,
  settings: BirdSettings,
  names: ReadonlyMap<string, string>,
): string {
  const { filter, prefixes: list } = NAMES[family]
  const ours = settings.prefixes.filter(prefix => familyOf(prefix) === family)
  if (ours.length === 0) return `filter ${filter} { reject; }`
  const filters = new Map<string, string>([[filter, renderRules(settings)]])
  for (const peer of settings.peers)
    filters.set(exportFilterOf(peer, family, settings, names), renderRules(settings, peer))
  return [
    `define ${list} = [\n${ours.map(prefix => `  ${renderPattern(prefix)}`).join(',\n')}\n];`,
    ...[...filters].map(([name, rules]) => renderFilter(name, rules, family, settings)),
  ].join('\n')
}

/** The filter of what a peer is told. One that is told as all are needs none of its own, nor where nothing leaves. */
export function exportFilterOf(
  peer: BirdPeer,
  family: Family,
  settings: BirdSettings,
  names: ReadonlyMap<string, string>,
): string {
  const { filter } = NAMES[family]
  const isLikeAll = renderRules(settings, peer) === renderRules(settings)
  const isEmpty = settings.prefixes.every(prefix => familyOf(prefix) !== family)
  return isLikeAll || isEmpty ? filter : `${filter}_${names.get(peer.name)}`
}

function renderFilter(
  name: string,
  rules: string,
  family: Family,
  { as, drain = false }: BirdSettings,
): string {
  const { guests, prefixes } = NAMES[family]
  const farewell = drain
    ? `
  # GRACEFUL_SHUTDOWN: prefer other paths, this node is about to go (RFC 8326).
  bgp_community.add((65535, 0));
  bgp_local_pref = 0;`
    : ''
  return `filter ${name} {
  if proto != "${guests}" || net !~ ${prefixes} then reject;
  # Of two nodes that announce a guest routers believe the one where it arrived later (RFC 4271, section 9.1.2.2).
  bgp_med = ${LARGEST_MED} - ${SINCE};
  # A MED ends at the first router of another AS. This goes on.
  bgp_large_community.add((${as}, ${OWN_FUNCTION.arrival}, ${SINCE}));${rules}${farewell}
  accept;
}`
}

/** The policy's rules as far as they hold for a peer, or those that hold for all. */
function renderRules(settings: BirdSettings, peer?: BirdPeer): string {
  const numbers = networkNumbers(settings.exports)
  return settings.exports.map(rule => renderRule(rule, numbers, settings, peer)).join('')
}

function renderRule(
  rule: ExportRule,
  numbers: ReadonlyMap<string, number>,
  settings: BirdSettings,
  peer: BirdPeer | undefined,
): string {
  const { peers, onlyTo } = rule
  const isFor = (names: readonly string[]) => peer !== undefined && names.includes(peer.name)
  if (peers && !isFor(peers)) return ''
  const actions = onlyTo && !isFor(onlyTo) ? ['reject;'] : renderActions(rule, settings, peer)
  if (actions.length === 0) return ''
  const conditions = renderConditions(rule, numbers, settings)
  if (conditions.length === 0) return actions.map(action => `\n  ${action}`).join('')
  return `\n  if ${conditions.join(' && ')} then {${actions.map(action => `\n    ${action}`).join('')}\n  }`
}

function renderConditions(
  rule: ExportRule,
  numbers: ReadonlyMap<string, number>,
  { as }: BirdSettings,
): string[] {
  const network = networkOfRule(rule)
  const { vmids } = rule
  return [
    ...(network ? [`${NETWORK} = ${numbers.get(describeNetwork(network))}`] : []),
    ...(vmids ? [`bgp_large_community ~ [${vmids.map(range => renderVmids(range, as)).join(', ')}]`] : []),
  ]
}

function renderVmids({ first, last }: VmidRange, as: number): string {
  return `(${as}, ${OWN_FUNCTION.guest}, ${first === last ? first : `${first}..${last}`})`
}

/** A path with this node's AS in it would be a loop to peers of the same AS (RFC 4271, section 9.1.2). */
function renderActions(
  { communities = [], med, localPreference, prepend = 0 }: ExportRule,
  { as }: BirdSettings,
  peer: BirdPeer | undefined,
): string[] {
  const times = peer?.as === as ? 0 : prepend
  return [
    ...communities.map(renderCommunity),
    ...(med === undefined ? [] : [`bgp_med = ${med};`]),
    ...(localPreference === undefined ? [] : [`bgp_local_pref = ${localPreference};`]),
    ...Array.from({ length: times }, () => `bgp_path.prepend(${as});`),
  ]
}

/** What stands for a network in BIRD's files, as far as rules name it: those filters compare numbers only. */
export function networkNumbers(exports: readonly ExportRule[]): ReadonlyMap<string, number> {
  const named = exports.flatMap(rule => networkOfRule(rule) ?? []).map(describeNetwork)
  return new Map([...new Set(named)].map((network, index) => [network, index + 1]))
}

function networkOfRule({ bridge, tag }: ExportRule): Network | undefined {
  if (bridge === undefined) return undefined
  return tag === undefined ? { bridge } : { bridge, tag }
}
