import type { Ipv4 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'

/** An address that a guest has taken by DHCP. */
export interface Lease {
  readonly address: Ipv4
  readonly mac: Mac
  /** Seconds since 1970: when the guest last took or renewed it. */
  readonly since: number
  /** Seconds since 1970. */
  readonly expires: number
}
