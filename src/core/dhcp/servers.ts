import { groupBy } from '../values/collection.ts'
import { memoOf, memoOfLast } from '../values/memo.ts'
import { leaseKeyOf } from './lease.ts'
import { addressOf, type Offer } from './offer.ts'
import { type ServerId, serverId } from './serverId.ts'

/** What each server offers; a server's offers are of its family. */
export type Servers = ReadonlyMap<ServerId, readonly Offer[]>

/** Which lease an offer leads to. */
export const leaseKeyOfOffer = memoOf((offer: Pick<Offer, 'address' | 'mac'>): string =>
  leaseKeyOf({ address: addressOf(offer), mac: offer.mac }),
)

/**
 * NICs of one guest that may have the same address, each in a network of its own. More than one is rare already, a router
 * or a test; each takes a Kea of 20 MB, and whoever writes a guest's configuration can give it 32.
 */
export const SERVERS_OF_GUEST = 2

/** Networks of a node that may have the same address: 160 MB of Keas, where tenants choose theirs from the same range. */
export const SERVERS_OF_NODE = 8

/** An offer that would take one server too many, and whose share is used up. */
export interface Surplus {
  readonly offer: Offer
  readonly of: 'guest' | 'node'
}

/** Which server makes which offer, and the offers that none makes. */
export interface Assignment {
  readonly servers: Servers
  readonly surplus: readonly Surplus[]
}

/**
 * Deals offers out to as few servers as colliding addresses allow. An offer stays with the server it has (`previous`,
 * by `leaseKeyOfOffer`) while that number is still needed, so that a rival's coming or going does not move it.
 */
export function assignServers(offers: readonly Offer[], previous: ReadonlyMap<string, ServerId>): Assignment {
  return assignOnce(offers, previous)
}

/** Found once while all of it is the same. */
const assignOnce = memoOfLast(assignAnew, (offers, previous) => [previous, ...offers])

function assignAnew(offers: readonly Offer[], previous: ReadonlyMap<string, ServerId>): Assignment {
  const servers = new Map<ServerId, Offer[]>()
  const surplus: Surplus[] = []
  // The same text is never an address of both families.
  for (const everyone of groupBy(offers, addressOf).values()) {
    const rivals = withinShares(everyone, previous, surplus)
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
  return { servers, surplus }
}

/**
 * Of offers of one address those that are made, in the order they came in; the others go to `surplus`. Who has a server keeps
 * it; then every guest's first NIC comes before anybody's second, whatever the order.
 */
function withinShares(
  rivals: readonly Offer[],
  previous: ReadonlyMap<string, ServerId>,
  surplus: Surplus[],
): readonly Offer[] {
  if (rivals.length === 1) return rivals
  const isHeld = (offer: Offer) => previous.has(leaseKeyOfOffer(offer))
  const inOrder = rivals.toSorted(
    (a, b) => Number(isHeld(b)) - Number(isHeld(a)) || a.nic - b.nic || a.vmid - b.vmid,
  )
  const ofGuest = new Map<number, number>()
  const admitted = inOrder.filter(offer => {
    const rank = (ofGuest.get(offer.vmid) ?? 0) + 1
    ofGuest.set(offer.vmid, rank)
    if (rank > SERVERS_OF_GUEST) surplus.push({ offer, of: 'guest' })
    return rank <= SERVERS_OF_GUEST
  })
  for (const offer of admitted.slice(SERVERS_OF_NODE)) surplus.push({ offer, of: 'node' })
  const chosen = new Set(admitted.slice(0, SERVERS_OF_NODE))
  return rivals.filter(offer => chosen.has(offer))
}

function place(servers: Map<ServerId, Offer[]>, server: ServerId, offer: Offer): void {
  const offers = servers.get(server)
  if (offers) offers.push(offer)
  else servers.set(server, [offer])
}
