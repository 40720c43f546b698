import { NODE_AS, ROUTER_ADDRESS, ROUTER_AS } from './router.ts'

export interface AnnouncingPolicy {
  readonly bridge?: string
  /** What IPv4 may leave the node. */
  readonly prefix?: string
  /** Whether guests' Notes may add routes. */
  readonly trustsNotes?: boolean
}

/** A policy that announces guests of a bridge to the lab's router. */
export function announcingPolicy({
  bridge = 'vmbr0',
  prefix = '203.0.113.0/24',
  trustsNotes = true,
}: AnnouncingPolicy = {}): string {
  return `announce:
  table: 100
  notes: ${trustsNotes ? 'trusted' : 'off'}
  networks:
    - bridge: ${bridge}
      prefixes: [${prefix}, "2001:db8:a::/48"]
      gateway: {ipv4: 172.31.1.1, ipv6: "fe80::1", mac: "da:f0:f1:08:55:c4"}
bgp:
  as: ${NODE_AS}
  peers:
    - {name: rtr01, address: "${ROUTER_ADDRESS}", as: ${ROUTER_AS}, bfd: true}
`
}
