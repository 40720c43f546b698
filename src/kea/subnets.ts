import { networkPrefixOf, type Offer } from '../core/dhcp/offer.ts'
import type { Prefix } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { subnetIds } from './subnetIds.ts'

/** What a family says of a subnet and of a reservation. */
interface SubnetShape<O extends Offer> {
  readonly keysOf: (offers: readonly O[], prefix: Prefix) => object
  readonly reservationOf: (offer: O) => object
}

/**
 * The subnets of offers, in an order of their own. A prefix can be configured once only, so all its offers share one. Each
 * reservation carries its offer whole.
 */
export function subnetsOf<O extends Offer>(offers: readonly O[], shape: SubnetShape<O>): object[] {
  const byPrefix = groupBy(offers, networkPrefixOf)
  const prefixes = [...byPrefix.keys()].toSorted()
  const ids = subnetIds(prefixes)
  return prefixes.map(prefix => {
    const own = (byPrefix.get(prefix) ?? []).toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic)
    return {
      id: ids.get(prefix) ?? 0,
      subnet: prefix,
      ...shape.keysOf(own, prefix),
      reservations: own.map(offer => ({
        ...shape.reservationOf(offer),
        'user-context': { offer: inOrder(offer) },
      })),
    }
  })
}

/** An offer that was read back from a configuration has its keys in another order, and must make the same configuration. */
function inOrder(offer: Offer): object {
  return Object.fromEntries(Object.entries(offer).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
