import { knownAs } from '../core/dhcp/knownAs.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import { SERVERS_ADDRESS6 } from '../core/dhcp/slot.ts'
import { ASKED_FROM, MAPS } from './names.ts'

/** What clients send to servers (RFC 8415, section 7.3): SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, RELEASE, DECLINE, INFORMATION-REQUEST. */
const CLIENT_MESSAGES = '{ 1, 3, 4, 5, 6, 8, 9, 11 }'

/**
 * Only the guest's own requests, from its own hardware address; what it relays for others is no client message. The destination
 * (`@th,16,16`, of UDP's header) comes first, as for DHCPv4.
 */
export function ownRequests6({ mac }: Pick<Offer, 'mac'>): string {
  return `@th,16,16 547 ether type ip6 ether saddr ${mac} ip6 daddr ${SERVERS_ADDRESS6} meta l4proto udp @th,64,8 ${CLIENT_MESSAGES}`
}

/**
 * Puts what the NIC is known by in place of the address it asks from, which is kept for the answer: one for each hardware
 * address, so that no guest takes another's room. `update` would keep the first one for ever: nft does not replace what an
 * element leads to.
 */
export function introduce(offer: Offer): string {
  const element = `@${ASKED_FROM} { ether saddr : ip6 saddr }`
  return `delete ${element} add ${element} ip6 saddr set ${knownAs(offer).address}`
}

/** Answers go back to where the guest asked from, by the one port that belongs to what Kea knows it by. */
export const ANSWERS6 = [
  'ether type ip6 udp sport 547',
  `ether daddr set ip6 daddr map @${MAPS['known-as']}`,
  `ip6 daddr set ether daddr map @${ASKED_FROM}`,
  `fwd to ether daddr map @${MAPS.ipv6}`,
].join(' ')

/** Milliseconds of a minute are more than Kea ever takes; then what is kept goes. */
export const MAPS6 = [
  `${MAPS.ipv6} { typeof ether daddr : meta oif; }`,
  `${MAPS['known-as']} { typeof ip6 daddr : ether daddr; }`,
  `${ASKED_FROM} { typeof ether saddr : ip6 saddr; flags dynamic,timeout; timeout 1m; size 65536; }`,
]
