import { type Guest, type Nic, staticAddresses } from '../guest/guest.ts'
import type { GuardExtra } from '../policy/guard.ts'
import type { Strictness } from './drop.ts'

/** How strictly a NIC's addresses are guarded, and what keeps it from being stricter. */
export interface Judged {
  readonly strictness: Strictness
  readonly because?: string
}

/**
 * A family whose addresses nobody writes down (`dhcp`, `auto`, `manual`) is open: what the guest is given elsewhere is not
 * known. Of a NIC that has an address, a family of which nothing is written has none. A NIC without any is not cut off.
 */
export function strictnessOf(
  { type }: Pick<Guest, 'type'>,
  { index, mac, addressing }: Nic,
  extra: GuardExtra | undefined,
): Judged {
  const hasAddress = staticAddresses(addressing).length > 0 || (extra?.addresses.length ?? 0) > 0
  if (!hasAddress) {
    const key = type === 'qemu' ? `ipconfig${index}` : `net${index}`
    return { strictness: { ipv4: 'open', ipv6: 'open' }, because: `${key} has no address` }
  }
  const isUnwritten = (value: string | undefined) =>
    value === 'dhcp' || value === 'auto' || value === 'manual'
  const { ip, ip6 } = addressing
  const open = [
    ...(isUnwritten(ip) ? [`ip=${ip}`] : []),
    ...(isUnwritten(ip6) ? [`ip6=${ip6}`] : []),
    ...(mac === undefined ? ['it has no MAC'] : []),
  ]
  return {
    strictness: { ipv4: isUnwritten(ip) ? 'open' : 'own', ipv6: isUnwritten(ip6) ? 'open' : 'own' },
    ...(open.length > 0 && { because: open.join(', ') }),
  }
}
