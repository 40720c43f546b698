import type { Mac } from '../values/mac.ts'

/** By whom and for what an address is leased by DHCPv6 (RFC 8415, section 4.2). */
export interface Client6 {
  /** Colon-separated octets, as Kea writes it. */
  readonly duid: string
  readonly iaid: number
}

/** A client that is known by a hardware address: a DUID-LL (RFC 8415, section 11.4). */
export function clientOf(mac: Mac): Client6 {
  return { duid: `00:03:00:01:${mac}`, iaid: 1 }
}
