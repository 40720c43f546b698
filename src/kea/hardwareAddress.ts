import { knownAs } from '../core/dhcp/knownAs.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import type { Mac } from '../core/values/mac.ts'

/** The hardware address by which Kea knows whom an offer is for. */
export function hardwareAddressOf(offer: Offer): Mac {
  return offer.family === 'ipv4' ? offer.mac : knownAs(offer).mac
}

/** From the hardware addresses that Kea writes into leases to the guests' own. */
export function macsByHardwareAddress(offers: readonly Offer[]): ReadonlyMap<Mac, Mac> {
  return new Map(offers.map(offer => [hardwareAddressOf(offer), offer.mac]))
}
