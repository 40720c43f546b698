import type { AdvertisingObservation } from './advertising/observation.ts'
import type { AnnounceObservation } from './announcing/observation.ts'
import type { DhcpObservation } from './dhcp/observation.ts'
import type { GuardObservation } from './guard/observation.ts'
import type { HolderRecords } from './ruling/record.ts'

/** What is on the node: everything that guestnet made there, and the links it depends on. */
export interface Observation extends DhcpObservation {
  /** What the cluster has written down of who holds what several guests want. */
  readonly holders: HolderRecords
  /** What may leave guests' ports. */
  readonly guard: GuardObservation
  readonly advertising: AdvertisingObservation
  /** Absent: not looked at, because nothing is announced. */
  readonly announcing?: AnnounceObservation
}
