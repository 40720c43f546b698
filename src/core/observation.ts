import type { AnnounceObservation } from './announcing/observation.ts'
import type { DhcpObservation } from './dhcp/observation.ts'

/** What is on the node: everything that guestnet made there, and the links it depends on. */
export interface Observation extends DhcpObservation {
  /** Absent: not looked at, because nothing is announced. */
  readonly announcing?: AnnounceObservation
}
