import { DROP_REASONS, type DropReason } from '../../core/guard/drop.ts'
import type { NetworkId } from '../../core/guard/entry.ts'
import { chainOfReason, heldSetsOf } from './names.ts'

/** A set or a map, as `nft` declares it. */
export interface Declared {
  readonly name: string
  readonly spec: string
}

const PORTS = 65_535

/** What a guest uses by link-local addresses of its own making: remembered while in use, and a few a minute. */
const LEARNED = `flags dynamic,timeout; timeout 10m; size ${PORTS};`
/** Link-local addresses of those who have told a guest that they are routers. */
export const ROUTERS = 'routers6'
/** The longest that a router can say it is one (RFC 4861, section 4.2). */
const ROUTER_LIFETIME = '9000s'

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
  { name: 'seen6', spec: `typeof @nh,64,128; ${LEARNED}` },
  { name: 'seen6-macs', spec: `typeof @nh,64,128 . ether saddr; ${LEARNED}` },
  { name: ROUTERS, spec: `typeof @nh,64,128; flags dynamic,timeout; timeout ${ROUTER_LIFETIME}; size 1024;` },
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
  igmp: { type: 'ip saddr', value: 'ip saddr' },
  mld: { type: '@nh,64,128', value: '@nh,64,128' },
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

/** The rule that counts a frame under a reason, with the first frame's sample. */
export function countRule(reason: DropReason): string {
  return `${contextOf(reason)}update @${chainOfReason(reason)} { iifname counter : ${SAMPLE[reason].value} }`
}

/** What a sample needs to be one: raw payload belongs to no protocol by itself. */
function contextOf(reason: DropReason): string {
  if (reason === 'nd') return 'meta l4proto ipv6-icmp '
  return SAMPLE[reason].type.startsWith('@') ? 'meta protocol ip6 ' : ''
}

export function heldSets(network: NetworkId): Declared[] {
  const { ipv4, ipv6 } = heldSetsOf(network)
  return [
    { name: ipv4, spec: 'typeof ip saddr;' },
    { name: ipv6, spec: 'typeof @nh,64,128;' },
  ]
}
