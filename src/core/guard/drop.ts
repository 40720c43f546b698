import type { FAMILIES } from '../values/family.ts'

/** What is dropped, by what it is that is not the guest's own. */
export const DROP_REASONS = [
  'mac',
  'tag',
  'ethertype',
  'arp',
  'ipv4',
  'ipv6',
  'nd',
  'ra',
  'igmp',
  'mld',
  'dhcp4',
  'dhcp6',
] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** Frames of one kind that a port sent and that are not its own. */
export interface Drop {
  readonly reason: DropReason
  readonly packets: number
  /** What the first of them had: a MAC, an address, a VLAN or an EtherType, as `reason` says. */
  readonly sample: string
}

const SAYS: Readonly<Record<DropReason, (sample: string) => string>> = {
  mac: sample => `frames from the MAC ${sample}`,
  tag: sample => `frames tagged with VLAN ${sample}`,
  ethertype: sample => `frames of the EtherType ${sample}`,
  arp: sample => `ARP in the name of ${sample}`,
  ipv4: sample => `IPv4 from ${sample}`,
  ipv6: sample => `IPv6 from ${sample}`,
  nd: sample => `neighbour discovery in the name of ${sample}`,
  ra: sample => `router advertisements or redirects from ${sample}`,
  igmp: sample => `IGMP as a multicast router from ${sample}`,
  mld: sample => `MLD as a multicast router from ${sample}`,
  dhcp4: sample => `DHCP answers from ${sample}`,
  dhcp6: sample => `DHCPv6 answers from ${sample}`,
}

/** `ARP in the name of 192.0.2.5`. */
export function describeDrop({ reason, sample }: Drop): string {
  return SAYS[reason](sample)
}

/** All that was dropped of a port. */
export function packetsIn(drops: readonly Drop[]): number {
  return drops.reduce((sum, { packets }) => sum + packets, 0)
}

/** For each family, whether a port may use its own addresses only. */
export type Strictness = Readonly<Record<(typeof FAMILIES)[number], 'own' | 'open'>>
