import type { GuestType, Vmid } from '../guest/names.ts'
import type { Address, Cidr4, Cidr6, Ipv4, Ipv6, Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import type { Network } from '../values/network.ts'
import { addressIn, prefixOf } from '../values/prefix.ts'

/** What one NIC of a guest is told by DHCP. Complete in itself: nothing else of the guest is needed to serve it. */
export type Offer = Offer4 | Offer6

/** By DHCPv4 (RFC 2131). */
export interface Offer4 extends CommonOffer {
  readonly family: 'ipv4'
  readonly address: Cidr4
  readonly gateway?: Ipv4
  readonly dns: readonly Ipv4[]
}

/** By DHCPv6 (RFC 8415). */
export interface Offer6 extends CommonOffer {
  readonly family: 'ipv6'
  readonly address: Cidr6
  readonly gateway?: Ipv6
  readonly dns: readonly Ipv6[]
}

/** What offers of both families say. */
export interface CommonOffer {
  readonly vmid: Vmid
  readonly type: GuestType
  /** The N of `netN`. */
  readonly nic: number
  /** The host link the guest's messages come in by, while it runs. */
  readonly link: string
  readonly mac: Mac
  readonly network: Network
  readonly search: readonly string[]
  /** Without domain. */
  readonly hostname: string
  readonly domain?: string
  /** Bytes; absent: the usual 1500. */
  readonly mtu?: number
}

/** The address without its mask. */
export function addressOf({ address }: Pick<Offer, 'address'>): Address {
  return addressIn(address)
}

/** The network the offered address lies in. */
export function networkPrefixOf({ address }: Pick<Offer, 'address'>): Prefix {
  return prefixOf(address)
}

/** Identifies an offer in the cluster: a NIC has one of each family at most. */
export function offerKeyOf({ vmid, nic, family }: { vmid: number; nic: number; family: Family }): string {
  return `${vmid}/${nic}/${family}`
}
