import { addressOf, type Offer4 } from '../core/dhcp/offer.ts'
import { contains4, type Ipv4, octetsOf, prefixOf4 } from '../core/values/address.ts'
import { memoOf } from '../core/values/memo.ts'
import { bootClasses } from './boot.ts'
import { classesOfStrangers, type FamilyPart, probeSubnet, type ServerPolicy } from './familyPart.ts'
import type { Option } from './options.ts'
import { PROBE } from './probeFrame.ts'
import { type Reservation, subnetsOf } from './subnets.ts'

/**
 * What of kea-dhcp4 is its own (Kea ARM, "The DHCPv4 Server").
 *
 * Traps:
 * - The option 54 that Kea accepts from clients can be set per subnet, not per reservation.
 * - `authoritative` makes Kea tell a guest at once that a former address is no longer its own, and the class DROP
 *   keeps it from telling strangers anything.
 * - `match-client-id: false`: firmware, installer and system of one machine use different client identifiers.
 */
export function part4(offers: readonly Offer4[], { boot }: ServerPolicy): FamilyPart {
  const { subnets, options } = subnetsOf(offers, {
    keysOf: () => ({}),
    optionsOf: serverIdentifierOf,
    reservationOf,
  })
  return {
    keys: { authoritative: true, 'match-client-id': false },
    classes: [...classesOfStrangers(`pkt4.mac == 0x${PROBE.mac.replaceAll(':', '')}`), ...bootClasses(boot)],
    options,
    subnets: [...subnets, probeSubnet(`${PROBE.address}/32`)],
  }
}

/** The guest renews by unicast to this address; its way there leads through the port, where the request is taken. */
function serverIdentifierOf(offers: readonly Offer4[]): Option[] {
  const gateways = new Set(offers.map(offer => offer.gateway))
  const [gateway] = gateways
  const isShared = gateways.size === 1 && gateway !== undefined
  return isShared ? [{ name: 'dhcp-server-identifier', data: gateway }] : []
}

const reservationOf = memoOf((offer: Offer4): Reservation => {
  const { gateway, dns, search, domain, mtu, hostname, mac } = offer
  const options: Option[] = [
    ...(gateway ? [{ name: 'routers', data: gateway }] : []),
    ...(gateway && !contains4(prefixOf4(offer.address), gateway)
      ? [{ code: 121, 'csv-format': false as const, data: onLinkRoutes(gateway) }]
      : []),
    ...(dns.length > 0 ? [{ name: 'domain-name-servers', data: dns.join(', ') }] : []),
    ...(search.length > 0 ? [{ name: 'domain-search', data: search.join(', ') }] : []),
    ...(domain === undefined ? [] : [{ name: 'domain-name', data: domain }]),
    ...(mtu === undefined ? [] : [{ name: 'interface-mtu', data: String(mtu) }]),
  ]
  return { keys: { 'hw-address': mac, 'ip-address': addressOf(offer), hostname }, options }
})

/** RFC 3442: the gateway itself is on the link, and everything else is behind it. */
function onLinkRoutes(gateway: Ipv4): string {
  const hex = Buffer.from(octetsOf(gateway)).toString('hex')
  return `20${hex}00000000` + `00${hex}`
}
