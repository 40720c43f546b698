import type { Quick } from '../../core/guard/quick.ts'

/**
 * Lets pass TCP and UDP from one MAC and address, untagged, but to the ports of DHCP's clients; protocols from 6 to 17 are no header that
 * something else could hide behind. What is no IP has no transport header, and the rule does not hold.
 *
 * Traps:
 * - nft makes one comparison of eight octets of `ether saddr` and a type that is to be equal, however it is asked for, and not
 *   every kernel then looks at a tag that it has taken off. So the type is asked for by its order: of the two kinds of tag
 *   that are taken off, 0x8100 and 0x88a8, none is between.
 */
export function quickRule(quick: Quick): string {
  const [mac = '', address = ''] = quick.split(' ')
  return address.includes(':')
    ? `meta protocol ip6 ether saddr ${mac} ip6 saddr ${address} ${TYPE} >= 0x86dd ${TYPE} <= 0x86dd ip6 nexthdr 6-17 @th,16,16 != 546 accept`
    : `meta protocol ip ether saddr ${mac} ip saddr ${address} ${TYPE} <= 0x0800 ip protocol 6-17 @th,16,16 != 68 accept`
}

const TYPE = '@ll,96,16'
