import { groupBy } from '../values/collection.ts'
import { leaseKeyOf } from './lease.ts'
import { addressOf, type Offer } from './offer.ts'
import { type ServerId, serverId } from './serverId.ts'

/** What each server offers; a server's offers are of its family. */
export type Servers = ReadonlyMap<ServerId, readonly Offer[]>

/** Which lease an offer leads to. */
export function leaseKeyOfOffer(offer: Pick<Offer, 'address' | 'mac'>): string {
  return leaseKeyOf({ address: addressOf(offer), mac: offer.mac })
}

/**
 * Deals offers out to as few servers as colliding addresses allow. An offer stays with the server it has (`previous`,
 * by `leaseKeyOfOffer`) while that number is still needed, so that a rival's coming or going does not move it.
 */
export function assignServers(offers: readonly Offer[], previous: ReadonlyMap<string, ServerId>): Servers {
  const servers = new Map<ServerId, Offer[]>()
  // The same text is never an address of both families.
  for (const rivals of groupBy(offers, addressOf).values()) {
    const free = new Set(rivals.map(({ family }, index) => serverId(family, index + 1)))
    const unplaced = rivals.filter(offer => {
      const server = previous.get(leaseKeyOfOffer(offer))
      if (server === undefined || !free.delete(server)) return true
      place(servers, server, offer)
      return false
    })
    const others = [...free]
    for (const [index, offer] of unplaced.entries()) {
      place(servers, others[index] ?? serverId(offer.family, index + 1), offer)
    }
  }
  return servers
}

function place(servers: Map<ServerId, Offer[]>, server: ServerId, offer: Offer): void {
  const offers = servers.get(server)
  if (offers) offers.push(offer)
  else servers.set(server, [offer])
}
