import type { Quick } from '../../core/guard/quick.ts'
import { type Address, isIpv6 } from '../../core/values/address.ts'
import type { Mac } from '../../core/values/mac.ts'
import { octetsInHex } from '../names.ts'
import { hexOf } from './hex.ts'

/**
 * Lets pass what comes from one MAC and address, untagged, but to the ports of DHCP's clients, and but IGMP, of which only some may be
 * said; by IPv6 only TCP and UDP (protocols from 6 to 17 are no header that something else could hide behind).
 *
 * Every frame of a guest's passes here, so it is written for speed, which is most of what the guard costs: raw payload
 * has no conditions of its own ("is it Ethernet, is it IP"), and up to four octets of the network's or the transport's header
 * that are equal or not are compared without a call (`nft_payload_fast_eval` and `nft_cmp_fast_eval` of the kernel). What has no
 * transport header of IPv4 or IPv6, as a later fragment or what is no IP, has nothing at `@th`, and the rule does not hold.
 *
 * Traps:
 * - nft makes one comparison of eight octets of the sender's MAC and a type that is to be equal, however it is asked for, and not
 *   every kernel then looks at a tag that it has taken off. So the type is asked for by bits: of those that an IP
 *   packet can be seen with, 0x0800 has none of them, 0x86dd all three, and the tags 0x8100 and 0x88a8 only the first.
 */
export function quickRule(quick: Quick): string {
  const [mac, address] = quick.split(' ') as [Mac, Address]
  return isIpv6(address)
    ? `@th,16,16 != 546 @nh,64,128 ${hexOf(address)} @nh,48,8 6-17 ${from(mac)} ${TYPE_BITS} == 0x8600 accept`
    : `@th,16,16 != 68 @nh,96,32 ${hexOf(address)} @nh,72,8 != 2 ${from(mac)} ${TYPE_BITS} == 0 accept`
}

const TYPE_BITS = '@ll,96,16 & 0x8600'

const from = (mac: Mac) => `@ll,48,48 ${octetsInHex(mac)}`
