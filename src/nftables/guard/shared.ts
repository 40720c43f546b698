import { createHash } from 'node:crypto'
import { DROP_REASONS, type DropReason } from '../../core/guard/drop.ts'
import type { NetworkId } from '../../core/guard/entry.ts'
import { chainOfReason, END, ENTRANCE, heldSetsOf } from './names.ts'

/**
 * What all ports share: sets of what each may send, keyed by its link, and chains that look there. Adding a port adds
 * elements, and a frame costs the same lookups however many ports there are.
 *
 * Traps:
 * - `ether type` sees the tag of a tagged frame, `meta protocol` what is within it (`nft_payload_copy_vlan`).
 * - Of an IPv6 packet whose headers cannot be followed to the end, as of a fragment that hides them, `meta l4proto` cannot
 *   be read: no rule with it holds. RFC 7112 and RFC 6980 let such go.
 * - A first fragment may end before its transport header begins, and who puts it together does not ask what the others said
 *   of theirs: so each first one has to show it.
 * - A key that contains `@nh` or `@th` needs a rule that says of which protocol it is.
 * - A `goto` ends a chain: what comes after it is for what it did not match.
 */

/** A set or a map, as `nft` declares it. */
export interface Declared {
  readonly name: string
  readonly spec: string
}

const PORTS = 65_535

/** What a guest uses by link-local addresses of its own making: remembered while in use, and a few a minute. */
const LEARNED = `flags dynamic,timeout; timeout 10m; size ${PORTS};`
const PACE = 'limit rate over 4/minute burst 8 packets'

export const SETS: readonly Declared[] = [
  { name: 'macs', spec: 'typeof iifname . ether saddr;' },
  { name: 'any-mac', spec: 'typeof iifname;' },
  { name: 'routers', spec: 'typeof iifname;' },
  { name: 'own4', spec: 'typeof iifname . ip saddr;' },
  { name: 'own6', spec: 'typeof iifname . @nh,64,128;' },
  { name: 'behind4', spec: 'typeof iifname . ip saddr; flags interval;' },
  { name: 'behind6', spec: 'typeof iifname . @nh,64,128; flags interval;' },
  { name: 'link-locals', spec: 'typeof @nh,64,128;' },
  { name: 'learned6', spec: `typeof iifname . @nh,64,128; ${LEARNED}` },
  { name: 'taken6', spec: `typeof @nh,64,128; ${LEARNED}` },
  { name: 'pace6', spec: `typeof iifname; flags dynamic,timeout; timeout 3m; size ${PORTS};` },
]

/** What the first frame of a reason had. */
const SAMPLE: Readonly<Record<DropReason, { readonly type: string; readonly value: string }>> = {
  mac: { type: 'ether saddr', value: 'ether saddr' },
  tag: { type: 'vlan id', value: 'vlan id' },
  ethertype: { type: 'ether type', value: 'ether type' },
  arp: { type: 'ip saddr', value: 'arp saddr ip' },
  ipv4: { type: 'ip saddr', value: 'ip saddr' },
  ipv6: { type: '@nh,64,128', value: '@nh,64,128' },
  nd: { type: '@nh,64,128', value: '@th,64,128' },
  ra: { type: '@nh,64,128', value: '@nh,64,128' },
  dhcp4: { type: 'ip saddr', value: 'ip saddr' },
  dhcp6: { type: '@nh,64,128', value: '@nh,64,128' },
}

export const MAPS: readonly Declared[] = [
  { name: 'open4', spec: 'typeof iifname : verdict;' },
  { name: 'open6', spec: 'typeof iifname : verdict;' },
  { name: 'tags', spec: 'typeof iifname . vlan id : verdict; flags interval;' },
  ...DROP_REASONS.map(reason => ({
    name: chainOfReason(reason),
    spec: `typeof iifname : ${SAMPLE[reason].type}; flags dynamic; size ${PORTS};`,
  })),
]

const bad = (reason: DropReason) => `goto ${chainOfReason(reason)}`

const LINK_LOCAL_SOURCE = 'ip6 saddr fe80::/10'
/** The target of neighbour discovery (RFC 4861, section 4.3): the 128 bits from the 64th of the ICMPv6 message on. */
const TARGET = '@th,64,128'
const LINK_LOCAL_TARGET = '@th,64,10 0x3fa'
const SOURCE = '@nh,64,128'
const FRAGMENT = 'exthdr frag exists jump fragment6'
const NO_ROUTER = 'iifname != @routers'

/** Whether a link-local address is the port's own: by its MAC, or as the first that uses it. */
function linkLocal(key: typeof SOURCE | typeof TARGET, reason: DropReason): string[] {
  const ip6 = key === SOURCE ? 'meta protocol ip6' : 'meta l4proto ipv6-icmp'
  return [
    `${ip6} iifname . ${key} @own6 return`,
    `${ip6} iifname . ${key} @learned6 update @learned6 { iifname . ${key} } update @taken6 { ${key} } return`,
    `${ip6} ${key} @link-locals ${bad(reason)}`,
    `${ip6} ${key} @taken6 ${bad(reason)}`,
    `${ip6} update @pace6 { iifname ${PACE} } ${bad(reason)}`,
    `${ip6} update @learned6 { iifname . ${key} } update @taken6 { ${key} } return`,
    bad(reason),
  ]
}

/** The chains without what counts: each comes after those it leads to. */
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  'linklocal-source': linkLocal(SOURCE, 'ipv6'),
  'linklocal-target': linkLocal(TARGET, 'nd'),
  // QEMU tells the bridge where a guest is after a migration by a request (RFC 903); nobody needs an answer.
  'of-rarp': ['@nh,48,16 3 accept', bad('ethertype')],
  fragment6: ['frag frag-off > 0 return', '@th,0,32 >= 0 return', bad('ipv6')],
  // Who is open may use any address; what only the node's own services may send, it may not.
  open: [
    `udp dport 68 ${NO_ROUTER} ${bad('dhcp4')}`,
    'meta protocol ip accept',
    `meta protocol arp iifname . arp saddr ether != @macs iifname != @any-mac ${bad('arp')}`,
    'meta protocol arp accept',
    'meta protocol 0x8035 goto of-rarp',
    `meta protocol != ip6 ${bad('ethertype')}`,
    FRAGMENT,
    `icmpv6 type { nd-router-advert, nd-redirect } ${NO_ROUTER} ${bad('ra')}`,
    `udp dport 546 ${NO_ROUTER} ${bad('dhcp6')}`,
    `icmpv6 type nd-neighbor-advert ${LINK_LOCAL_TARGET} jump linklocal-target`,
    `ip6 saddr :: icmpv6 type nd-neighbor-solicit ${LINK_LOCAL_TARGET} jump linklocal-target`,
    `${LINK_LOCAL_SOURCE} jump linklocal-source`,
    'meta l4proto >= 0 accept',
    bad('ipv6'),
  ],
  'of-arp': [
    `iifname . arp saddr ether != @macs iifname != @any-mac ${bad('arp')}`,
    'iifname . arp saddr ip @own4 accept',
    'iifname . arp saddr ip @behind4 accept',
    // A probe (RFC 5227, section 2.1.1) for an address that another has would make that one give it up.
    'arp saddr ip 0.0.0.0 iifname . arp daddr ip @own4 accept',
    'iifname vmap @open4',
    bad('arp'),
  ],
  'of-ip4': [
    `udp dport 68 ${NO_ROUTER} ${bad('dhcp4')}`,
    'iifname . ip saddr @own4 accept',
    'iifname . ip saddr @behind4 accept',
    'ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
    'ip saddr 0.0.0.0 ip protocol igmp accept',
    'iifname @routers accept',
    'iifname vmap @open4',
    bad('ipv4'),
  ],
  source6: [
    `meta protocol ip6 iifname . ${SOURCE} @own6 accept`,
    `meta protocol ip6 iifname . ${SOURCE} @behind6 accept`,
    `${LINK_LOCAL_SOURCE} jump linklocal-source`,
    `${LINK_LOCAL_SOURCE} accept`,
    `ip6 saddr :: ${bad('ipv6')}`,
    'iifname @routers accept',
    'iifname vmap @open6',
    bad('ipv6'),
  ],
  // What a guest says of an address, or asks for the first time: it must be its own.
  target6: [
    `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } iifname . ${TARGET} @own6 return`,
    `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } iifname . ${TARGET} @behind6 return`,
    `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${LINK_LOCAL_TARGET} goto linklocal-target`,
    'iifname vmap @open6',
    bad('nd'),
  ],
  'of-icmp6': [
    `icmpv6 type { nd-router-advert, nd-redirect } ${NO_ROUTER} ${bad('ra')}`,
    'icmpv6 type nd-neighbor-advert jump target6',
    'ip6 saddr :: icmpv6 type nd-neighbor-solicit jump target6',
    'ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld-listener-reduction, mld2-listener-report } accept',
    'goto source6',
  ],
  'of-ip6': [
    FRAGMENT,
    'meta l4proto ipv6-icmp goto of-icmp6',
    `udp dport 546 ${NO_ROUTER} ${bad('dhcp6')}`,
    'meta l4proto >= 0 goto source6',
    bad('ipv6'),
  ],
  tagged: [
    // VLAN 0 is a priority without a VLAN (IEEE 802.1Q): for a bridge such a frame is untagged.
    'vlan id 0 meta protocol vmap { ip : goto of-ip4, ip6 : goto of-ip6, arp : goto of-arp, 0x8035 : goto of-rarp }',
    'iifname . vlan id vmap @tags',
    bad('tag'),
  ],
  kinds: [
    'ether type vmap { ip : goto of-ip4, ip6 : goto of-ip6, arp : goto of-arp, 8021q : goto tagged, 0x8035 : goto of-rarp }',
    bad('ethertype'),
  ],
  [ENTRANCE]: ['iifname . ether saddr @macs goto kinds', 'iifname @any-mac goto kinds', bad('mac')],
}

/** The rule that a mode is. */
export function endRule(mode: 'report' | 'on'): string {
  return mode === 'on' ? 'drop' : 'accept'
}

/** The chains of a mode: their rules, in an order in which each leads only to those before it. */
export function sharedChains(mode: 'report' | 'on'): Map<string, readonly string[]> {
  return new Map<string, readonly string[]>([
    [END, [endRule(mode)]],
    ...DROP_REASONS.map(
      reason =>
        [
          chainOfReason(reason),
          [
            `${contextOf(reason)}update @${chainOfReason(reason)} { iifname counter : ${SAMPLE[reason].value} }`,
            `goto ${END}`,
          ],
        ] as const,
    ),
    ...Object.entries(CHAINS),
  ])
}

/** What a sample needs to be one: raw payload belongs to no protocol by itself. */
function contextOf(reason: DropReason): string {
  if (reason === 'nd') return 'meta l4proto ipv6-icmp '
  return SAMPLE[reason].type.startsWith('@') ? 'meta protocol ip6 ' : ''
}

/** The rules of those who are open in a network: not what somebody else has there. */
export function openRules(network: NetworkId): string[] {
  const { ipv4, ipv6 } = heldSetsOf(network)
  return [
    `ip saddr @${ipv4} ${bad('ipv4')}`,
    `arp saddr ip @${ipv4} ${bad('arp')}`,
    `arp saddr ip 0.0.0.0 arp daddr ip @${ipv4} ${bad('arp')}`,
    `meta protocol ip6 ${SOURCE} @${ipv6} ${bad('ipv6')}`,
    `icmpv6 type nd-neighbor-advert ${TARGET} @${ipv6} ${bad('nd')}`,
    `ip6 saddr :: icmpv6 type nd-neighbor-solicit ${TARGET} @${ipv6} ${bad('nd')}`,
    'goto open',
  ]
}

export function heldSets(network: NetworkId): Declared[] {
  const { ipv4, ipv6 } = heldSetsOf(network)
  return [
    { name: ipv4, spec: 'typeof ip saddr;' },
    { name: ipv6, spec: 'typeof @nh,64,128;' },
  ]
}

/** What a rule says of itself, so that another one in its place is noticed. */
export function markOf(rule: string): string {
  return createHash('sha256').update(rule).digest('hex').slice(0, 8)
}
