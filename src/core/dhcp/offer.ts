import type { GuestType, Vmid } from '../guest/guest.ts'
import type { Cidr4, Ipv4 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Network } from '../values/network.ts'

/** What one NIC of a guest is told by DHCP. Complete in itself: nothing else of the guest is needed to serve it. */
export interface Offer {
  readonly vmid: Vmid
  readonly type: GuestType
  /** The N of `netN`. */
  readonly nic: number
  /** The host link the guest's messages come in by, while it runs. */
  readonly link: string
  readonly mac: Mac
  readonly network: Network
  readonly address: Cidr4
  readonly gateway?: Ipv4
  readonly dns: readonly Ipv4[]
  readonly search: readonly string[]
  /** Without domain. */
  readonly hostname: string
  readonly domain?: string
  /** Bytes; absent: the usual 1500. */
  readonly mtu?: number
}

/** `VM 100 net0` or `CT 101 net1`. */
export function describeNic(nic: Pick<Offer, 'type' | 'vmid' | 'nic'>): string {
  return `${describeGuest(nic)} net${nic.nic}`
}

export function describeGuest(guest: Pick<Offer, 'type' | 'vmid'>): string {
  return `${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid}`
}

/** Identifies a NIC in the cluster. */
export function nicKeyOf(nic: Pick<Offer, 'vmid' | 'nic'>): string {
  return `${nic.vmid}/${nic.nic}`
}
