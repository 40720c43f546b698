import type { Advertisement } from '../core/advertising/advertisement.ts'
import { renderManaged } from './managed.ts'
import { ADVERTISEMENTS, MANAGED, MAPS, OVERHEARD, PRIORITY, SOLICITED } from './names.ts'

/**
 * The guest's own router solicitations: its address in the frame. Where the answer goes that frame says, not the packet. The
 * type of the ICMPv6 message comes first, by itself, as the port of DHCPv4 does.
 */
export function ownSolicitations({ mac }: Pick<Advertisement, 'mac'>): string {
  return `@th,0,8 133 ether type ip6 ether saddr ${mac} meta l4proto ipv6-icmp`
}

/** A host sends three, four seconds apart (RFC 4861, section 10). */
export const SOLICITATIONS = 'limit rate 5/second burst 10 packets'

/** The chains, empty: what is asked goes on to the network as before. */
export function renderWays(table: string): string[] {
  return [
    `add chain netdev ${table} ${SOLICITED}`,
    `add chain netdev ${table} ${OVERHEARD}`,
    `add chain netdev ${table} ${MANAGED}`,
  ]
}

/** Nothing but router advertisements comes back, each to the port of the hardware address that it is sent to. */
export function renderOpen(link: string, table: string): string[] {
  const back = `netdev ${table} ${ADVERTISEMENTS}`
  return [
    `flush chain netdev ${table} ${SOLICITED}`,
    `add rule netdev ${table} ${SOLICITED} fwd to "${link}"`,
    `flush chain netdev ${table} ${OVERHEARD}`,
    `add rule netdev ${table} ${OVERHEARD} dup to "${link}"`,
    `add chain ${back} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    `flush chain ${back}`,
    `add rule ${back} icmpv6 type nd-router-advert ip6 hoplimit 255 fwd to ether daddr map @${MAPS.ipv6}`,
    `add rule ${back} counter drop`,
    ...renderManaged(table),
  ]
}

export function renderClose(table: string): string[] {
  const back = `netdev ${table} ${ADVERTISEMENTS}`
  return [
    `flush chain netdev ${table} ${SOLICITED}`,
    `flush chain netdev ${table} ${OVERHEARD}`,
    `flush chain netdev ${table} ${MANAGED}`,
    // With its link the chain went, or not, as the kernel has it. To add one that is there changes nothing.
    `add chain ${back}`,
    `flush chain ${back}`,
    `delete chain ${back}`,
  ]
}
