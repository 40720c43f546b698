import { type KnownAs, knownAs, PROBE_KNOWN_AS } from '../core/dhcp/knownAs.ts'
import { addressOf, networkPrefixOf, type Offer6 } from '../core/dhcp/offer.ts'
import type { Prefix } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { memoOf } from '../core/values/memo.ts'
import { bootClasses6 } from './boot6.ts'
import { classesOfStrangers, type FamilyPart, probeSubnet, type ServerPolicy } from './familyPart.ts'
import { classOfAddress } from './formerClients.ts'
import { PROBE_ADDRESS6 } from './probeFrame6.ts'
import { type Reservation, subnetsOf } from './subnets.ts'

/**
 * All of guestnet's Keas are one server in the eyes of a guest, on each node: a renewal names the server it is for, and
 * another Kea has to take it after an edit or a migration. A DUID-LL (RFC 8415, section 11.4), as it tells nothing but itself;
 * the hardware address is locally administered.
 */
const SERVER_DUID = { type: 'LL', htype: 1, identifier: '02676e657400', persist: false }

/**
 * What of kea-dhcp6 is its own (Kea ARM, "The DHCPv6 Server").
 *
 * Traps:
 * - A DUID is whatever its sender says, so clients are known by the address that their port asks from in their name
 *   (`knownAs`), which Kea reads a hardware address from.
 * - Of a shared network Kea judges a CONFIRM by the first subnet that the client may have, and would tell the guests of all
 *   others that they have moved. So each subnet is for a class, its own guests, and no guest may have another one.
 * - Without `server-id` each Kea invents a DUID of its own and ignores what is for its predecessor.
 */
export function part6(offers: readonly Offer6[], { lease, boot }: ServerPolicy): FamilyPart {
  const { subnets, options } = subnetsOf(offers, { keysOf: subnetKeysOf, optionsOf: () => [], reservationOf })
  return {
    keys: {
      'mac-sources': ['ipv6-link-local'],
      'server-id': SERVER_DUID,
      'preferred-lifetime': lease,
    },
    classes: [
      ...classesOfStrangers(isFrom(PROBE_KNOWN_AS)),
      ...classesOfGuests(offers),
      ...classesOfSubnets(offers),
      ...bootClasses6(boot),
    ],
    options,
    subnets: [...subnets, probeSubnet(`${PROBE_ADDRESS6}/128`, RAPID)],
  }
}

/** One class a guest, by which Kea's log names it, and one a subnet. */
function classesOfGuests(offers: readonly Offer6[]): object[] {
  const each = offers.map(offer => ({ name: classOfOffer(offer), test: isFrom(knownAs(offer)) }))
  return each.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function classOfOffer(offer: Offer6): string {
  return classOfAddress(addressOf(offer))
}

function classesOfSubnets(offers: readonly Offer6[]): object[] {
  const byPrefix = groupBy(offers, networkPrefixOf)
  return [...byPrefix.keys()].toSorted().map(prefix => ({
    name: classOf(prefix),
    test: (byPrefix.get(prefix) ?? [])
      .map(offer => `member('${classOfOffer(offer)}')`)
      .toSorted()
      .join(' or '),
  }))
}

function classOf(prefix: Prefix): string {
  return `of ${prefix}`
}

function isFrom({ address }: KnownAs): string {
  return `pkt.src == ${address}`
}

/** There is no other server to choose from, so one exchange in place of two is enough (RFC 8415, section 5.1). */
const RAPID = { 'rapid-commit': true }

function subnetKeysOf(prefix: Prefix): object {
  return { 'client-class': classOf(prefix), ...RAPID }
}

const reservationOf = memoOf((offer: Offer6): Reservation => {
  const { dns, search, hostname } = offer
  const options = [
    ...(dns.length > 0 ? [{ name: 'dns-servers', data: dns.join(', ') }] : []),
    ...(search.length > 0 ? [{ name: 'domain-search', data: search.join(', ') }] : []),
  ]
  return {
    keys: { 'hw-address': knownAs(offer).mac, 'ip-addresses': [addressOf(offer)], hostname },
    options,
  }
})
