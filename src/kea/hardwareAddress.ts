import { knownAs } from '../core/dhcp/knownAs.ts'
import type { Lease } from '../core/dhcp/lease.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import type { Mac } from '../core/values/mac.ts'

/** The hardware address by which Kea knows whom an offer is for. */
export function hardwareAddressOf(offer: Offer): Mac {
  return offer.family === 'ipv4' ? offer.mac : knownAs(offer).mac
}

/** Of leases by the hardware addresses that Kea knows those of guests with such offers, by the guests' own. */
export function leasesOfGuests(leases: readonly Lease[], offers: readonly Offer[]): Lease[] {
  const macs = new Map(offers.map(offer => [hardwareAddressOf(offer), offer.mac]))
  return leases.flatMap(lease => {
    const mac = macs.get(lease.mac)
    return mac === undefined ? [] : [{ ...lease, mac }]
  })
}
