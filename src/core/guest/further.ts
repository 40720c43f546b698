import type { Address, Prefix } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'

/** A prefix behind a guest, named by another file than the guest's own. */
export interface FurtherRoute {
  readonly prefix: Prefix
  /** Absent: the whole prefix is on the link. */
  readonly nextHop?: Address
}

/** What another file than a guest's own says of its addresses. */
export interface Further {
  readonly file: string
  readonly mac: Mac
  readonly addresses: readonly Address[]
  readonly routes: readonly FurtherRoute[]
}
