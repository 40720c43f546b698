import type { DhcpClient } from '../clients/client.ts'

/** What a client was told by DHCPv6, the same whatever client it is. */
export interface Lease6 {
  readonly address: string
  readonly dns: readonly string[]
  readonly search: readonly string[]
}

/** A DHCPv6 client as guests have them. */
export type DhcpClient6 = DhcpClient<Lease6>
