import * as z from 'zod'
import { quoted } from '../text/quoted.ts'
import { must, parsedBy } from '../text/schema.ts'
import { type Ipv4, parseIpv4 } from '../values/address.ts'
import { Blackhole, inForceAt } from './blackhole.ts'
import { type ByNode, byNode } from './byNode.ts'
import { atMost, distinct, evenIfBroken, isMap, TcpPort, wholeNumber } from './checks.ts'
import { ExportRule, unknownPeers } from './exportRule.ts'
import { AS_EXPECTED, AsNumber, Peer } from './peer.ts'
import { writtenAs } from './writtenAs.ts'

/** Schema of what may be written as one word, too; the word's meaning also holds where nothing is written. */
function wordOr<T>(word: string, meaning: z.core.util.NoUndefined<T>, schema: z.ZodType<T>) {
  // Not a union: zod would only say that a text with a mistake fits neither form.
  const either = z.preprocess(input => (input === word ? undefined : input), schema.default(meaning))
  return writtenAs(either, z.literal(word), schema)
}

const ROUTER_ID = 'an IPv4 address other than 0.0.0.0'

/** How BGP identifies a node: any number but zero, written as an address (RFC 6286, section 2.1). */
const RouterId = parsedBy(text => (text === '0.0.0.0' ? undefined : parseIpv4(text)), ROUTER_ID)

function nameKey(peer: unknown): string | undefined {
  return isMap(peer) && typeof peer.name === 'string' ? peer.name : undefined
}

function endKey(peer: unknown): string | undefined {
  if (!isMap(peer)) return undefined
  const { address, interface: link, port = 179 } = peer
  const isWritten = typeof address === 'string' || typeof link === 'string'
  return isWritten ? JSON.stringify([address, link, port]) : undefined
}

/** Which nodes a peer is for; `undefined`: all, or a mistake that is told as one. */
function nodesOf(peer: unknown): readonly unknown[] | undefined {
  return isMap(peer) && Array.isArray(peer.nodes) ? peer.nodes : undefined
}

/**
 * Two sessions of one node between the same ends would take turns at closing one another (RFC 4271, section 6.8). Each
 * rack may have a leaf switch of the same address, or on a link of the same name.
 */
function endsApart(peers: readonly unknown[], context: z.RefinementCtx): void {
  for (const [index, peer] of peers.entries()) {
    const end = endKey(peer)
    const first = peers.findIndex(
      other => end !== undefined && endKey(other) === end && shareNode(other, peer),
    )
    if (first >= 0 && first < index)
      context.addIssue({
        code: 'custom',
        path: [index],
        message: `is reached the same way as \`[${first}]\``,
      })
  }
}

function shareNode(one: unknown, other: unknown): boolean {
  const [some, others] = [nodesOf(one), nodesOf(other)]
  return !some || !others || some.some(node => others.includes(node))
}

const MOST_PEERS = 100
const MOST_RULES = 200

/** As many next hops as BIRD gives one route where nobody says how many. */
const USUAL_PATHS = 16

const Peers = distinct(
  z.array(Peer, { error: must('a list of peers') }).min(1, { error: 'must name at least one peer' }),
  nameKey,
  'has the same name as',
).superRefine(endsApart, { when: ({ value }) => Array.isArray(value) })

const OwnBgp = z
  .strictObject(
    {
      /** The autonomous system of each node. */
      as: byNode(AsNumber, AS_EXPECTED, `${AS_EXPECTED}, or a map of them by node`),
      /** `auto`: from the node's own addresses; so also for a node that a map leaves out. */
      routerId: wordOr<ByNode<Ipv4> | 'auto'>(
        'auto',
        'auto',
        byNode(RouterId, ROUTER_ID, `\`auto\`, ${ROUTER_ID}, or a map of them by node`),
      ),
      peers: atMost(MOST_PEERS, Peers),
      /** How many equally good default routes of its peers the guests' traffic is spread over. */
      multipath: wholeNumber(1, 64, 'a number of next hops from 1 to 64').default(USUAL_PATHS),
      /** How announcements of some guests differ, one after the other. */
      export: atMost(MOST_RULES, z.array(ExportRule, { error: must('a list of rules') })).default([]),
      /** Guests whose traffic is to be dropped. */
      blackholes: atMost(MOST_RULES, z.array(Blackhole, { error: must('a list of guests') })).default([]),
      /** Where this node listens; absent: 179, or another port where that is taken. */
      localPort: z.exactOptional(TcpPort),
    },
    { error: must('`external` or a map of settings') },
  )
  .superRefine((own: Record<string, unknown>, context) => {
    for (const { path, name } of unknownPeers(own.export, own.peers)) {
      context.addIssue({ code: 'custom', path, message: `names ${quoted(name)}, which is none of \`peers\`` })
    }
  }, evenIfBroken)

/** Who speaks BGP: the administrator's own daemon, or one of guestnet's. */
export type BgpPolicy = { mode: 'external' } | ({ mode: 'own' } & z.output<typeof OwnBgp>)

/** `bgp` in the policy: the word `external`, or a map. */
export const BgpPolicy = wordOr<BgpPolicy>(
  'external',
  { mode: 'external' },
  OwnBgp.transform(own => ({ mode: 'own' as const, ...own })),
)

/** The peers of a node; none where BGP is left to another daemon. */
export function peersFor(bgp: BgpPolicy | undefined, node: string): readonly Peer[] {
  if (bgp?.mode !== 'own') return []
  return bgp.peers.filter(({ nodes }) => nodes === undefined || nodes.includes(node))
}

/** The AS numbers of the cluster's nodes. */
export function asNumbersOf(bgp: BgpPolicy | undefined): number[] {
  if (bgp?.mode !== 'own') return []
  return typeof bgp.as === 'number' ? [bgp.as] : [...new Set(Object.values(bgp.as))]
}

/** The black holes in force at a time, in Unix seconds; another daemon than guestnet's is told of none. */
export function blackholesAt(now: number, bgp: BgpPolicy | undefined): readonly Blackhole[] {
  return bgp?.mode === 'own' ? inForceAt(now, bgp.blackholes) : []
}
