import type { Links } from '../node/link.ts'
import { advertisesTo, type DhcpPolicy } from '../policy/dhcp.ts'
import { type Addressed, type Advertisement, advertisementFor } from './advertisement.ts'
import type { AdvertisingObservation } from './observation.ts'
import { routerOf } from './router.ts'

export interface AdvertisingInput {
  /** Every NIC of this node that is to have an IPv6 address, whoever gives it that. */
  readonly addressed: readonly Addressed[]
  readonly policy: DhcpPolicy
  readonly links: Links
}

/** What each port should be told. A NIC without a port cannot ask. Pure. */
export function intendAdvertising(
  { addressed, policy, links }: AdvertisingInput,
  { ownAddresses }: Pick<AdvertisingObservation, 'ownAddresses'>,
): Advertisement[] {
  return addressed
    .filter(({ link, network }) => links.has(link) && advertisesTo(policy, network))
    .map(nic => advertisementFor(nic, routerOf(nic.gateway, ownAddresses)))
}
