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
import type { Brand } from '../values/brand.ts'
import type { Mac } from '../values/mac.ts'
import type { Further } from './further.ts'

export type GuestType = 'qemu' | 'lxc'

/** A guest's number, unique in the cluster: 100 to 999999999. */
export type Vmid = Brand<number, 'Vmid'>

/** Reads a guest's number as Proxmox writes it in file names: decimal, no leading zero. */
export function parseVmid(text: string): Vmid | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? (Number(text) as Vmid) : undefined
}

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
  readonly firewall: boolean
  /** Bytes; 1 on a VM: that of its bridge; absent: not configured. */
  readonly mtu?: number
  /** A VM's emulated hardware; containers have none. */
  readonly model?: string
  readonly addressing: Addressing
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

/** The addresses that are written down, without their prefix lengths. */
export function staticAddresses({ ip, ip6, further = [] }: Addressing): Address[] {
  return [
    ...(ip === undefined || ip === 'dhcp' || ip === 'manual' ? [] : [addressOf4(ip)]),
    ...(ip6 === undefined || ip6 === 'dhcp' || ip6 === 'manual' || ip6 === 'auto' ? [] : [addressOf6(ip6)]),
    ...further,
  ]
}

/** The host link Proxmox makes for a NIC (qemu-server and pve-container name them so). */
export function linkNameOf(guest: Pick<Guest, 'type' | 'vmid'>, nic: number): string {
  return `${guest.type === 'qemu' ? 'tap' : 'veth'}${guest.vmid}i${nic}`
}
