import type { Problem } from '../problem/problem.ts'
import type { TextLine } from '../text/fence.ts'
import {
  type Address,
  addressOf4,
  addressOf6,
  type Cidr4,
  type Cidr6,
  type Ipv4,
  type Ipv6,
} from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import { memoOf } from '../values/memo.ts'
import type { Network } from '../values/network.ts'
import type { VlanRange } from '../values/vlan.ts'
import type { Further } from './further.ts'
import type { GuestType, Vmid } from './names.ts'

/** What a guest's NIC is told about its addresses: `ipconfigN` of a VM, `netN` of a container. */
export interface Addressing {
  readonly ip?: Cidr4 | 'dhcp' | 'manual'
  readonly gw?: Ipv4
  readonly ip6?: Cidr6 | 'dhcp' | 'auto' | 'manual'
  readonly gw6?: Ipv6
  /** Addresses that only another file names: announced, never offered. */
  readonly further?: readonly Address[]
}

/** A network interface of a guest, one `netN`. */
export interface Nic {
  /** The N of `netN`, 0 to 31. */
  readonly index: number
  /** Absent: Proxmox invents another one at every start, so nobody can know it. */
  readonly mac?: Mac
  /** Absent: QEMU user-mode networking, no host link at all. */
  readonly bridge?: string
  /** VLAN, 1 to 4094. */
  readonly tag?: number
  /** VLANs that the guest itself may tag; absent: `trunks` is not written. */
  readonly trunks?: readonly VlanRange[]
  readonly firewall: boolean
  /** `link_down`: a VM's port is there all the same, a container's is down and in no bridge. */
  readonly linkDown: boolean
  /** Bytes; 1 on a VM: that of its bridge; absent: not configured. */
  readonly mtu?: number
  /** A VM's emulated hardware; containers have none. */
  readonly model?: string
  readonly addressing: Addressing
  /** What its addressing was when the guest was started, where it was changed since. */
  readonly atStart?: Addressing
  /** Where in the guest's file the addresses are written, 1-based. */
  readonly line: number
}

/** A guest as its configuration says, VM and container alike. */
export interface Guest {
  readonly type: GuestType
  readonly vmid: Vmid
  /** The cluster node whose folder holds the configuration. */
  readonly node: string
  readonly file: string
  /** `name` of a VM, `hostname` of a container. */
  readonly name?: string
  readonly template: boolean
  /** What Proxmox is doing with it: `migrate`, `backup`, `clone` … */
  readonly lock?: string
  /** As written: a list separated by blanks, commas or semicolons. */
  readonly nameserver?: string
  /** As written: a list separated by blanks. */
  readonly searchdomain?: string
  /** As written; `network=…` replaces what Proxmox generates from `ipconfigN`. */
  readonly cicustom?: string
  readonly nics: readonly Nic[]
  /** The Notes, decoded; one entry a line of text. */
  readonly notes: readonly TextLine[]
  /** What another file says of its addresses. */
  readonly further?: Further
  /** What Proxmox drops of this file. */
  readonly problems: readonly Problem[]
}

/** The numbers of guests. */
export const vmidsOf = memoOf(
  (guests: readonly Pick<Guest, 'vmid'>[]): ReadonlySet<number> => new Set(guests.map(({ vmid }) => vmid)),
)

/** An address that is written down for a NIC. */
export type StaticAddress = StaticAddress4 | StaticAddress6

export interface StaticAddress4 {
  readonly family: 'ipv4'
  readonly cidr: Cidr4
  readonly address: Ipv4
  readonly gateway?: Ipv4
}

export interface StaticAddress6 {
  readonly family: 'ipv6'
  readonly cidr: Cidr6
  readonly address: Ipv6
  readonly gateway?: Ipv6
}

/** The static addresses of a NIC, one a family at most. That what is written is one is decided here and nowhere else. */
export const staticsOf = memoOf(({ ip, gw, ip6, gw6 }: Addressing): readonly StaticAddress[] => [
  ...(ip === undefined || ip === 'dhcp' || ip === 'manual'
    ? []
    : [{ family: 'ipv4', cidr: ip, address: addressOf4(ip), ...(gw && { gateway: gw }) } as const]),
  ...(ip6 === undefined || ip6 === 'dhcp' || ip6 === 'manual' || ip6 === 'auto'
    ? []
    : [{ family: 'ipv6', cidr: ip6, address: addressOf6(ip6), ...(gw6 && { gateway: gw6 }) } as const]),
])

/** The addresses that are written down, without their prefix lengths; with those that only other files name. */
export const staticAddresses = memoOf((addressing: Addressing): readonly Address[] => [
  ...staticsOf(addressing).map(({ address }) => address),
  ...(addressing.further ?? []),
])

/** The network a NIC is in; `undefined`: it is on no bridge. */
export function networkOf({ bridge, tag }: Pick<Nic, 'bridge' | 'tag'>): Network | undefined {
  if (bridge === undefined) return undefined
  return tag === undefined ? { bridge } : { bridge, tag }
}
