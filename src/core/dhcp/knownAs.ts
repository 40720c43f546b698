import type { NicName } from '../guest/names.ts'
import type { Ipv6 } from '../values/address.ts'
import { linkLocalOf } from '../values/linkLocal.ts'
import { type Mac, parseMac } from '../values/mac.ts'

/** Who a DHCPv6 message is from, in Kea's eyes. */
export interface KnownAs {
  readonly address: Ipv6
  readonly mac: Mac
}

/**
 * What a NIC's DHCPv6 messages are known by. A message says only what its sender likes: a DUID, and a link-local address. So
 * the port puts another address in place of the sender's, which is made of nothing but the name of the NIC: link-local, with an
 * interface identifier as made of a hardware address (modified EUI-64, RFC 4291, appendix A), for that is what Kea can tell
 * clients apart by. No two NICs have the same one, no guest can choose it, and it is the same on each node.
 */
export function knownAs({ type, vmid, nic }: NicName): KnownAs {
  // Kea takes universally administered addresses only, whose second lowest bit is 0.
  return madeOf([
    type === 'qemu' ? 0 : 4,
    vmid >>> 24,
    (vmid >>> 16) & 255,
    (vmid >>> 8) & 255,
    vmid & 255,
    nic,
  ])
}

/** Who asks a Kea whether it is well. */
export const PROBE_KNOWN_AS = madeOf([8, 0, 0, 0, 0, 0])

function madeOf(octets: readonly number[]): KnownAs {
  const mac = parseMac(octets.map(octet => octet.toString(16).padStart(2, '0')).join(':'))
  if (!mac) throw new Error(`no hardware address: ${octets}`)
  return { address: linkLocalOf(mac), mac }
}
