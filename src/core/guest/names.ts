import type { Brand } from '../values/brand.ts'

export type GuestType = 'qemu' | 'lxc'

/** A guest's number, unique in the cluster: 100 to 999999999. */
export type Vmid = Brand<number, 'Vmid'>

/** Reads a guest's number as Proxmox writes it in file names: decimal, no leading zero. */
export function parseVmid(text: string): Vmid | undefined {
  return /^[1-9][0-9]{0,8}$/.test(text) ? (Number(text) as Vmid) : undefined
}

/** What a guest is called by, whoever speaks of it. */
export interface GuestName {
  readonly type: GuestType
  readonly vmid: number
}

/** A NIC of a guest: the N of `netN`. */
export interface NicName extends GuestName {
  readonly nic: number
}

/** `VM 100` or `CT 101`. */
export function describeGuest({ type, vmid }: GuestName): string {
  return `${type === 'qemu' ? 'VM' : 'CT'} ${vmid}`
}

/** `VM 100 net0` or `CT 101 net1`. */
export function describeNic(name: NicName): string {
  return `${describeGuest(name)} net${name.nic}`
}
