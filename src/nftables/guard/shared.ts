import { createHash } from 'node:crypto'
import { DROP_REASONS, type DropReason } from '../../core/guard/drop.ts'
import type { NetworkId } from '../../core/guard/entry.ts'
import { chainOfReason, END, ENTRANCE, EXIT, heldSetsOf } from './names.ts'
import { countRule, ROUTERS } from './sets.ts'

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
 * - Of an IPv4 packet whose header is no IPv4 header `meta l4proto` cannot be read either. Who reads raw frames may not mind: the
 *   filter of dhclient asks neither for the version nor for the length.
 * - Of a later fragment the kernel may take the data for the transport header (Linux 6.18), and by IPv6 the packet's beginning: `udp dport`
 *   is half of the flow label. So no rule with `@th`, or with a field of such a header, may come to see one.
 * - What an authentication header (AH) covers is not looked into: who has no key for it drops it.
 * - A key that contains `@nh` or `@th` needs a rule that says of which protocol it is.
 * - A `goto` ends a chain: what comes after it is for what it did not match.
 * - The elements of verdict maps are gone as soon as a transaction that removes them is made, also for a frame that is in the midst
 *   of rules that it removes as well.
 */

/** Of link-local addresses of its own making. */
const PACE = 'limit rate over 4/minute burst 8 packets'

const bad = (reason: DropReason) => `goto ${chainOfReason(reason)}`

const LINK_LOCAL_SOURCE = 'ip6 saddr fe80::/10'
/** The target of neighbour discovery (RFC 4861, section 4.3): the 128 bits from the 64th of the ICMPv6 message on. */
const TARGET = '@th,64,128'
const LINK_LOCAL_TARGET = '@th,64,10 0x3fa'
const SOURCE = '@nh,64,128'
const FRAGMENT = 'exthdr frag exists jump fragment6'
/** What the first one said has been looked at there. */
const LATER_FRAGMENT4 = 'ip frag-off & 0x1fff != 0 meta l4proto >= 0'
const LATER_FRAGMENT6 = 'frag frag-off > 0 meta l4proto >= 0'
const NO_ROUTER = 'iifname != @routers'
/**
 * What only a multicast router says: queries (RFC 3376, RFC 3810), and that it is one (RFC 4286). Bridges believe them: an
 * answer that is asked for late enough comes after they have forgotten who listens, and then neighbour discovery fails.
 */
const IGMP_OF_ROUTERS = `igmp type { membership-query, 0x30, 0x32 } ${NO_ROUTER} ${bad('igmp')}`
const MLD_OF_ROUTERS = `icmpv6 type { mld-listener-query, 151, 153 } ${NO_ROUTER} ${bad('mld')}`

/** Addresses that no host has. */
const NOBODY4 = 'ip saddr { 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/3 }'
const WITHOUT_ADDRESS6 =
  'ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld-listener-reduction, mld2-listener-report } accept'
const WITHOUT_ADDRESS4 = [
  'ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept',
  'ip saddr 0.0.0.0 ip protocol igmp accept',
] as const

/** Whether a link-local address is the port's own: by its MAC, or as the first that uses it, here or wherever it was heard from. */
function linkLocal(key: typeof SOURCE | typeof TARGET, reason: DropReason): string[] {
  const ip6 = key === SOURCE ? 'meta protocol ip6' : 'meta l4proto ipv6-icmp'
  return [
    `${ip6} iifname . ${key} @own6 return`,
    `${ip6} ${key} @${ROUTERS} ${NO_ROUTER} ${bad(reason)}`,
    `${ip6} iifname . ${key} @learned6 update @learned6 { iifname . ${key} } update @taken6 { ${key} } return`,
    `${ip6} ${key} @link-locals ${bad(reason)}`,
    `${ip6} ${key} @taken6 ${bad(reason)}`,
    `${ip6} ${key} @seen6 ${key} . ether saddr != @seen6-macs ${bad(reason)}`,
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
  // Neighbour discovery is never in fragments (RFC 6980), where its target could be hidden.
  fragment6: [
    `frag nexthdr ipv6-frag ${bad('ipv6')}`,
    `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ${bad('ipv6')}`,
    '@th,0,32 >= 0 return',
    bad('ipv6'),
  ],
  'open-later4': [`${NOBODY4} ${bad('ipv4')}`, 'accept'],
  'open-later6': [`ip6 saddr :: ${bad('ipv6')}`, `${LINK_LOCAL_SOURCE} jump linklocal-source`, 'accept'],
  // Who is open may use any address; what only the node's own services may send, it may not.
  open: [
    `${LATER_FRAGMENT4} goto open-later4`,
    `meta protocol ip udp dport 68 ${NO_ROUTER} ${bad('dhcp4')}`,
    IGMP_OF_ROUTERS,
    ...WITHOUT_ADDRESS4,
    `${NOBODY4} ${bad('ipv4')}`,
    'meta protocol ip meta l4proto >= 0 accept',
    `meta protocol ip ${bad('ipv4')}`,
    `meta protocol arp iifname . arp saddr ether != @macs iifname != @any-mac ${bad('arp')}`,
    'meta protocol arp accept',
    'meta protocol 0x8035 goto of-rarp',
    `meta protocol != ip6 ${bad('ethertype')}`,
    `ip6 saddr { ::1, ff00::/8 } ${bad('ipv6')}`,
    `${LATER_FRAGMENT6} goto open-later6`,
    FRAGMENT,
    `icmpv6 type { nd-router-advert, nd-redirect } ${NO_ROUTER} ${bad('ra')}`,
    MLD_OF_ROUTERS,
    `udp dport 546 ${NO_ROUTER} ${bad('dhcp6')}`,
    `icmpv6 type nd-neighbor-advert ${LINK_LOCAL_TARGET} jump linklocal-target`,
    `ip6 saddr :: icmpv6 type nd-neighbor-solicit ${LINK_LOCAL_TARGET} jump linklocal-target`,
    `${LINK_LOCAL_SOURCE} jump linklocal-source`,
    WITHOUT_ADDRESS6,
    `ip6 saddr :: ${bad('ipv6')}`,
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
  source4: [
    'iifname . ip saddr @own4 accept',
    'iifname . ip saddr @behind4 accept',
    'iifname @routers accept',
    'iifname vmap @open4',
    bad('ipv4'),
  ],
  packet4: [
    `udp dport 68 ${NO_ROUTER} ${bad('dhcp4')}`,
    IGMP_OF_ROUTERS,
    'iifname . ip saddr @own4 accept',
    ...WITHOUT_ADDRESS4,
    'goto source4',
  ],
  'of-ip4': [`${LATER_FRAGMENT4} goto source4`, 'meta l4proto >= 0 goto packet4', bad('ipv4')],
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
    MLD_OF_ROUTERS,
    'icmpv6 type nd-neighbor-advert jump target6',
    'ip6 saddr :: icmpv6 type nd-neighbor-solicit jump target6',
    WITHOUT_ADDRESS6,
    'goto source6',
  ],
  'of-ip6': [
    `${LATER_FRAGMENT6} goto source6`,
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
  // Who uses which link-local address elsewhere, and who says that it is a router: no guest here may take that. By its MAC one that
  // comes here from another node is told from others.
  [EXIT]: [
    `${LINK_LOCAL_SOURCE} update @seen6 { ${SOURCE} } update @seen6-macs { ${SOURCE} . ether saddr }`,
    `icmpv6 type nd-router-advert ${LINK_LOCAL_SOURCE} update @${ROUTERS} { ${SOURCE} }`,
  ],
  [ENTRANCE]: ['iifname . ether saddr @macs goto kinds', 'iifname @any-mac goto kinds', bad('mac')],
}

/**
 * The rule that a mode is. What drops is itself an element of a verdict map (the hardware of a guest's port is always `ether`): a frame
 * that found nothing, because a flush of the ruleset or another version's table takes the elements away at this very moment,
 * does not find this one either, and passes.
 */
export function endRule(mode: 'report' | 'on'): string {
  return mode === 'on' ? 'meta iiftype vmap { ether : drop }' : 'accept'
}

/** The chains of a mode: their rules, in an order in which each leads only to those before it. */
export function sharedChains(mode: 'report' | 'on'): Map<string, readonly string[]> {
  return new Map<string, readonly string[]>([
    [END, [endRule(mode)]],
    ...DROP_REASONS.map(reason => [chainOfReason(reason), [countRule(reason), `goto ${END}`]] as const),
    ...Object.entries(CHAINS),
  ])
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

/** What a rule says of itself, so that another one in its place is noticed. */
export function markOf(rule: string): string {
  return createHash('sha256').update(rule).digest('hex').slice(0, 8)
}
