import type { AnnounceTarget } from './announcing/target.ts'
import type { DhcpTarget } from './dhcp/target.ts'

/** What should be, with the daemons' configurations written out: what is compared with what is. */
export interface Target {
  readonly dhcp: DhcpTarget
  /** Absent: not looked at. */
  readonly announcing?: AnnounceTarget
}
