import { networkPrefixOf, type Offer } from '../core/dhcp/offer.ts'
import type { Prefix } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { memoOf } from '../core/values/memo.ts'
import { type Option, shareOptions } from './options.ts'
import { subnetIds } from './subnetIds.ts'

/** What a family says of a subnet and of a reservation. */
interface SubnetShape<O extends Offer> {
  readonly keysOf: (prefix: Prefix) => object
  /** What is to be told to all guests of a subnet, by whatever else they are told. */
  readonly optionsOf: (offers: readonly O[]) => readonly Option[]
  readonly reservationOf: (offer: O) => Reservation
}

/** What a guest gets, and the options it is told. */
export interface Reservation {
  readonly keys: object
  readonly options: readonly Option[]
}

/** Subnets, and the options that the guests of all of them are told. */
export interface Subnets {
  readonly subnets: readonly object[]
  readonly options: readonly Option[]
}

/**
 * The subnets of offers, in an order of their own. A prefix can be configured once only, so all its offers share one. Each
 * reservation carries its offer whole.
 */
export function subnetsOf<O extends Offer>(offers: readonly O[], shape: SubnetShape<O>): Subnets {
  const byPrefix = groupBy(offers, prefixOfOffer)
  const prefixes = [...byPrefix.keys()].toSorted()
  const ids = subnetIds(prefixes)
  const found = prefixes.map(prefix => {
    const own = (byPrefix.get(prefix) ?? []).toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic)
    const reservations = own.map(shape.reservationOf)
    return { prefix, own, reservations, told: shareOptions(reservations.map(({ options }) => options)) }
  })
  const all = shareOptions(found.map(({ told }) => told.shared))
  const subnets = found.map(({ prefix, own, reservations, told }, index) => ({
    id: ids.get(prefix) ?? 0,
    subnet: prefix,
    ...shape.keysOf(prefix),
    ...optionData([...shape.optionsOf(own), ...(all.own[index] ?? [])]),
    reservations: own.map((offer, at) => ({
      ...reservations[at]?.keys,
      ...optionData(told.own[at] ?? []),
      'user-context': { offer: inOrder(offer) },
    })),
  }))
  return { subnets, options: all.shared }
}

/** Kea reads each character of a configuration by itself, 0.2 ms a kilobyte: what says nothing is not said. */
function optionData(options: readonly Option[]): object {
  return options.length === 0 ? {} : { 'option-data': options }
}

/** Found once for an offer: that of an IPv6 address takes its time. */
const prefixOfOffer = memoOf((offer: Offer) => networkPrefixOf(offer))

/** An offer that was read back from a configuration has its keys in another order, and must make the same configuration. */
const inOrder = memoOf((offer: Offer): object =>
  Object.fromEntries(Object.entries(offer).toSorted(([a], [b]) => (a < b ? -1 : 1))),
)
