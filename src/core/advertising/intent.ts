import { type Guest, vmidsOf } from '../guest/guest.ts'
import type { Links } from '../node/link.ts'
import { advertisesTo, type DhcpPolicy } from '../policy/dhcp.ts'
import { type Addressed, type Advertisement, advertisementFor } from './advertisement.ts'
import type { AdvertisingObservation } from './observation.ts'
import { routerOf } from './router.ts'

export interface AdvertisingInput {
  /** Every guest of the cluster whose configuration could be read. */
  readonly guests: readonly Pick<Guest, 'vmid'>[]
  /** Every NIC of this node that is to have an IPv6 address, whoever gives it that. */
  readonly addressed: readonly Addressed[]
  readonly policy: DhcpPolicy
  readonly links: Links
}

/**
 * What each port should be told: a NIC without a port cannot ask. A guest whose configuration is not at hand goes on being
 * told what it is told now. Pure.
 */
export function intendAdvertising(
  { guests, addressed, policy, links }: AdvertisingInput,
  {
    ownAddresses: own,
    soughtRouters: sought,
    advertiser,
  }: Pick<AdvertisingObservation, 'ownAddresses' | 'soughtRouters' | 'advertiser'>,
): Advertisement[] {
  const known = vmidsOf(guests)
  const told = advertiser.state === 'answering' && policy.enabled ? advertiser.advertisements : []
  const all = [
    ...addressed.map(nic => advertisementFor(nic, routerOf(nic, { own, sought, told }))),
    ...told.filter(({ vmid }) => !known.has(vmid)),
  ]
  return all.filter(({ link, network }) => links.has(link) && advertisesTo(policy, network))
}
