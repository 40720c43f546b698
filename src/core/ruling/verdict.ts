import type { Refusal } from '../problem/refusal.ts'
import type { Address } from '../values/address.ts'

/** Who holds what: the one answer that DHCP and announcing go by. */
export interface Ruling {
  /** Why a NIC does not hold an address that it claims; `undefined`: it holds it. */
  readonly refusalOf: (nic: NicAndAddress) => Refusal | undefined
  /** Why a prefix of that address cannot be announced for it although it holds it: one in another network is. */
  readonly announceRefusalOf: (nic: NicAndAddress) => Refusal | undefined
}

export interface NicAndAddress {
  readonly vmid: number
  readonly nic: number
  readonly address: Address
}
