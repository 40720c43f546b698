import type { Address } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Client6 } from './client6.ts'

/** An address that a guest has taken by DHCP. Its family is that of the address. */
export interface Lease {
  readonly address: Address
  readonly mac: Mac
  /** Seconds since 1970: when the guest last took or renewed it. */
  readonly since: number
  /** Seconds since 1970. */
  readonly expires: number
  /** Of DHCPv6, where it is known: the client that it was given to. */
  readonly client?: Client6
}

/** Identifies a lease: this address to this hardware address. */
export function leaseKeyOf({ address, mac }: { readonly address: Address; readonly mac: Mac }): string {
  return `${address} ${mac}`
}
