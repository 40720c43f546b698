import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import { parseCommunity } from '../values/community.ts'
import { atMost, BridgeName, distinct, evenIfBroken, isMap, Vlan, wholeNumber } from './checks.ts'
import { writtenAs } from './writtenAs.ts'

/** Numbers of guests, both ends included. */
export interface VmidRange {
  readonly first: number
  readonly last: number
}

/** What Proxmox VE lets a guest have (`pve-vmid` in PVE::JSONSchema). */
const VMID = { least: 100, most: 999_999_999 }

const VMIDS = /^([1-9][0-9]{2,8})(?:-([1-9][0-9]{2,8}))?$/

function parseVmids(text: string): VmidRange | undefined {
  const [, start = '', end = start] = VMIDS.exec(text) ?? []
  const range = { first: Number(start), last: Number(end) }
  return range.first >= VMID.least && range.last <= VMID.most && range.first <= range.last ? range : undefined
}

const Vmids = writtenAs(
  z.preprocess(
    input => (typeof input === 'number' ? String(input) : input),
    parsedBy(parseVmids, 'the number of a guest, such as 100, or a range of them, such as 100-199'),
  ),
  z.string().regex(VMIDS),
  z.int().min(VMID.least).max(VMID.most),
)

const CommunityText = parsedBy(
  parseCommunity,
  'a community such as 65000:100, or a large one such as 65000:1:2',
)

const PeerNames = distinct(
  z
    .array(z.string({ error: must('the name of a peer') }), { error: must('a list of names of peers') })
    .min(1, { error: 'must name at least one peer' }),
  name => (typeof name === 'string' ? name : undefined),
  'is the same peer as',
)

const MOST = { names: 100, communities: 64, vmids: 1000 }

/** A metric or preference of BGP (RFC 4271, section 4.3). */
const Unsigned32 = wholeNumber(0, 0xffff_ffff, 'a number from 0 to 4294967295')

/** What an entry may ask for. */
const EFFECTS = ['onlyTo', 'communities', 'med', 'localPreference', 'prepend']

/**
 * How announcements of some guests differ towards some peers: those of a network, of guests by their numbers, of both, or
 * of all. In the policy and not in the Notes, which are the tenants'.
 */
export const ExportRule = z
  .strictObject({
    bridge: z.exactOptional(BridgeName),
    tag: z.exactOptional(Vlan),
    vmids: z.exactOptional(
      atMost(
        MOST.vmids,
        z
          .array(Vmids, { error: must('a list of numbers of guests') })
          .min(1, { error: 'must name at least one guest' }),
      ),
    ),
    /** The peers that it holds for; absent: all. */
    peers: z.exactOptional(atMost(MOST.names, PeerNames)),
    /** The only peers that are told at all, and for which the rest holds. */
    onlyTo: z.exactOptional(atMost(MOST.names, PeerNames)),
    communities: z.exactOptional(
      atMost(
        MOST.communities,
        z
          .array(CommunityText, { error: must('a list of communities') })
          .min(1, { error: 'must name at least one community' }),
      ),
    ),
    /** MULTI_EXIT_DISC, in place of that which tells the arrival. */
    med: z.exactOptional(Unsigned32),
    /** LOCAL_PREF, which only peers of this node's own AS are told. */
    localPreference: z.exactOptional(Unsigned32),
    /** How many times this node's AS is put before the path once more. */
    prepend: z.exactOptional(wholeNumber(1, 10, 'a number of times from 1 to 10')),
  })
  .refine(rule => !('tag' in rule) || 'bridge' in rule, {
    ...evenIfBroken,
    path: ['tag'],
    error: 'needs the `bridge` whose VLAN it is',
  })
  .refine(rule => !('peers' in rule && 'onlyTo' in rule), {
    ...evenIfBroken,
    path: ['peers'],
    error: 'cannot be used together with `onlyTo`, for whose peers the rest holds',
  })
  .refine(rule => EFFECTS.some(key => key in rule), {
    ...evenIfBroken,
    error: `asks for nothing: it must have one of ${EFFECTS.map(key => `\`${key}\``).join(', ')}`,
  })
export type ExportRule = z.output<typeof ExportRule>

/** Names of peers in export rules that no peer has. For `superRefine`: it sees what could be read, and so must expect anything. */
export function unknownPeers(rules: unknown, peers: unknown): { path: (string | number)[]; name: string }[] {
  if (!Array.isArray(rules) || !Array.isArray(peers)) return []
  const known = new Set(peers.map(peer => (isMap(peer) ? peer.name : undefined)))
  return rules.flatMap((rule: unknown, index) =>
    ['peers', 'onlyTo'].flatMap(key => {
      const names = isMap(rule) ? rule[key] : undefined
      if (!Array.isArray(names)) return []
      return names.flatMap((name: unknown, at) =>
        typeof name === 'string' && !known.has(name) ? [{ path: ['export', index, key, at], name }] : [],
      )
    }),
  )
}
