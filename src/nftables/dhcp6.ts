import { knownAs } from '../core/dhcp/knownAs.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import { SERVERS_ADDRESS6 } from '../core/dhcp/slot.ts'
import { ASKED_FROM, FORMERLY_ASKED_FROM, MAPS } from './names.ts'

/** What clients send to servers (RFC 8415, section 7.3): SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, RELEASE, DECLINE, INFORMATION-REQUEST. */
const CLIENT_MESSAGES = '{ 1, 3, 4, 5, 6, 8, 9, 11 }'

/**
 * Only the guest's own requests, from its own hardware address; what it relays for others is no client message. The destination
 * (`@th,16,16`, of UDP's header) comes first, as for DHCPv4.
 */
export function ownRequests6({ mac }: Pick<Offer, 'mac'>): string {
  return `@th,16,16 547 ether type ip6 ether saddr ${mac} ip6 daddr ${SERVERS_ADDRESS6} meta l4proto udp @th,64,8 ${CLIENT_MESSAGES}`
}

/** What tells an exchange, in a question as in its answer: the three octets after the message's type (RFC 8415, section 8). */
const TRANSACTION = '@th,72,24'

/**
 * Puts what the NIC is known by in place of the address it asks from, which is kept for the answer, for each transaction by
 * itself. So nothing is ever deleted or replaced: what a rule deletes stays in its bucket until the kernel clears up, once a
 * second, and a bucket that holds more than sixteen takes nothing for moments (docs/decisions/0032).
 */
export function introduce(offer: Offer): string {
  const element = `{ ether saddr . ${TRANSACTION} : ip6 saddr }`
  return `update @${ASKED_FROM} ${element} ip6 saddr set ${knownAs(offer).address}`
}

/** Answers go back to where the guest asked from, by the one port that belongs to what Kea knows it by. */
export const ANSWERS6 = answersTo(`ether daddr . ${TRANSACTION} map @${ASKED_FROM}`)

/** What a former version's rule took may be with Kea when this one takes over. */
export const FORMER_ANSWERS6 = answersTo(`ether daddr map @${FORMERLY_ASKED_FROM}`)

function answersTo(askedFrom: string): string {
  return [
    'ether type ip6 udp sport 547',
    `ether daddr set ip6 daddr map @${MAPS['known-as']}`,
    `ip6 daddr set ${askedFrom}`,
    `fwd to ether daddr map @${MAPS.ipv6}`,
  ].join(' ')
}

/**
 * Kea takes milliseconds; what is kept goes after five seconds, and is cleared up a second or two later. Until then a port lets
 * through 450 messages at most, so there is room for 580 guests that all send as fast as they can.
 */
export const MAPS6 = [
  `${MAPS.ipv6} { typeof ether daddr : meta oif; }`,
  `${MAPS['known-as']} { typeof ip6 daddr : ether daddr; }`,
  `${ASKED_FROM} { typeof ether saddr . ${TRANSACTION} : ip6 saddr; flags dynamic,timeout; timeout 5s; size 262144; }`,
  // As former versions made it: nft refuses to add one that differs from what is there.
  `${FORMERLY_ASKED_FROM} { typeof ether saddr : ip6 saddr; flags dynamic,timeout; timeout 1m; size 65536; }`,
]
