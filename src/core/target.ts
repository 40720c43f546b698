import type { AdvertisingTarget } from './advertising/target.ts'
import type { AnnounceTarget } from './announcing/target.ts'
import type { DhcpTarget } from './dhcp/target.ts'
import type { GuardTarget } from './guard/target.ts'
import type { HolderChange } from './ruling/record.ts'

/** What should be, with the daemons' configurations written out: what is compared with what is. */
export interface Target {
  readonly dhcp: DhcpTarget
  readonly guard: GuardTarget
  readonly advertising: AdvertisingTarget
  /** What is to be written down of who holds what. */
  readonly holders: readonly HolderChange[]
  /** Absent: not looked at. */
  readonly announcing?: AnnounceTarget
}
