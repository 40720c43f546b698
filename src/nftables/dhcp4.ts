import type { Offer } from '../core/dhcp/offer.ts'
import { MAPS, octetsInHex } from './names.ts'

const CHADDR = '@th,288,48'

/**
 * Only the guest's own requests: its address in the frame and in the message, no relay. 'ether type' and not 'meta protocol':
 * the latter is true for the tagged frames of a guest that has VLANs of its own. `@th,offset,length` counts bits from the UDP
 * header: 16 is its destination, 64 is the DHCP message's `op`, 256 its `giaddr`, 288 its `chaddr` (RFC 2131, section 2).
 * The destination comes first, by itself: no other frame of the guest's is asked anything more (`nft_payload_fast_eval` of the
 * kernel), and each passes here.
 */
export function ownRequests4({ mac }: Pick<Offer, 'mac'>): string {
  return `@th,16,16 67 ether type ip meta l4proto udp @th,64,8 1 ether saddr ${mac} ${CHADDR} ${octetsInHex(mac)} @th,256,32 0`
}

/** Answers leave by the one port that belongs to the hardware address inside them. */
export const ANSWERS4 = `udp sport 67 fwd to ${CHADDR} map @${MAPS.ipv4}`

export const MAP4 = `${MAPS.ipv4} { typeof ${CHADDR} : meta oif; }`
