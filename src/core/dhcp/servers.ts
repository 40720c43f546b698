import { addressOf4 } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import type { Offer } from './offer.ts'

/** A DHCP server's number, from 1. One Kea cannot lease the same address twice, so a second one serves what collides. */
export type ServerNumber = number

/** What each server offers. */
export type Servers = ReadonlyMap<ServerNumber, readonly Offer[]>

/** A lease as Kea knows it: this address to this hardware address. */
export function leaseKeyOf({ address, mac }: Pick<Offer, 'address' | 'mac'>): string {
  return `${addressOf4(address)} ${mac}`
}

/**
 * Deals offers out to as few servers as colliding addresses allow. An offer stays with the server it has (`previous`,
 * by `leaseKeyOf`) while that number is still needed, so that a rival's coming or going does not move it.
 */
export function assignServers(
  offers: readonly Offer[],
  previous: ReadonlyMap<string, ServerNumber>,
): Servers {
  const servers = new Map<ServerNumber, Offer[]>()
  for (const rivals of groupBy(offers, offer => addressOf4(offer.address)).values()) {
    const free = new Set(rivals.map((_, index) => index + 1))
    const unplaced = rivals.filter(offer => {
      const number = previous.get(leaseKeyOf(offer))
      if (number === undefined || !free.delete(number)) return true
      place(servers, number, offer)
      return false
    })
    const numbers = [...free]
    for (const [index, offer] of unplaced.entries()) place(servers, numbers[index] ?? index + 1, offer)
  }
  return servers
}

function place(servers: Map<ServerNumber, Offer[]>, number: ServerNumber, offer: Offer): void {
  const offers = servers.get(number)
  if (offers) offers.push(offer)
  else servers.set(number, [offer])
}
