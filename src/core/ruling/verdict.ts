import type { Problem } from '../problem/problem.ts'
import type { Refusal } from '../problem/refusal.ts'
import type { Address } from '../values/address.ts'
import type { HolderChange } from './record.ts'

/** Who holds what: the one answer that DHCP and announcing go by. */
export interface Ruling {
  /** Why a NIC does not hold an address that it claims; `undefined`: it holds it. */
  readonly refusalOf: (nic: NicAndAddress) => Refusal | undefined
  /** Why an address cannot be announced for a NIC although it holds it: the same one in another network is. */
  readonly announceRefusalOf: (nic: NicAndAddress) => Refusal | undefined
  /** Whether another NIC, running or not, wants the address in the same network or in announcements, or the NIC's MAC address. */
  readonly isContested: (nic: NicAndAddress) => boolean
  /** What this node has to write down. */
  readonly changes: readonly HolderChange[]
  /** What several want and nobody holds yet, and who has it once that is written down. */
  readonly open: readonly { readonly place: string; readonly vmid: number; readonly nic: number }[]
  /** A guest here waits for one that is away to let go, which comes with time and makes no sound. */
  readonly waits: boolean
  readonly problems: readonly Problem[]
}

export interface NicAndAddress {
  readonly vmid: number
  readonly nic: number
  readonly address: Address
}
