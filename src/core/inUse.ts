import type { Announcement } from './announcing/announcement.ts'
import { byGuest } from './announcing/byGuest.ts'
import { announcedBy } from './announcing/observation.ts'
import { offersInUse } from './dhcp/intent.ts'
import { leaseKeyOf } from './dhcp/lease.ts'
import { addressOf, type Offer } from './dhcp/offer.ts'
import { leaseKeyOfOffer } from './dhcp/servers.ts'
import type { Vmid } from './guest/names.ts'
import type { Observation } from './observation.ts'
import { reachedNeighbours } from './routing/reached.ts'
import type { Neighbour } from './routing/routing.ts'
import type { Sightings } from './ruling/sightings.ts'
import type { Address, Prefix } from './values/address.ts'
import type { Mac } from './values/mac.ts'
import { listAsBefore, memoOf, memoOfLast } from './values/memo.ts'
import { hostPrefix, isHost } from './values/prefix.ts'

/** An address that a guest has in use. */
interface Use {
  /** Absent: whoever it is, the kernel knows the address by its hardware address alone. */
  readonly vmid?: number
  readonly address: Address
  readonly mac: Mac
}

function keyOf({ vmid, address, mac }: Use): string {
  return keyOfUse(vmid, leaseKeyOf({ address, mac }))
}

function keyOfUse(vmid: number | undefined, lease: string): string {
  return `${vmid ?? 'somebody'} ${lease}`
}

const keyOfOffer = memoOf((offer: Offer) =>
  keyOf({ vmid: offer.vmid, mac: offer.mac, address: addressOf(offer) }),
)

/**
 * What is in use at guests' ports here, served by DHCP or known to the kernel, and by whom: a copy of a guest has its address
 * and its hardware address as well. To be asked by `isUsed` and `lastUsed`.
 */
export function usedHere(observation: Observation): ReadonlySet<string> {
  const { routing, bird } = observation.announcing ?? {}
  return usedBy(
    offersAsBefore(offersInUse(observation)),
    routing ? neighboursAsBefore(reachedNeighbours(routing)) : NOBODY,
    bird ? announcedBy(bird) : NOBODY,
  )
}

const offersAsBefore = listAsBefore<Offer>()
const neighboursAsBefore = listAsBefore<Neighbour>()
const NOBODY: readonly never[] = []

/** It is asked twice in each run of the line. */
const usedBy = memoOfLast(
  (
    offers: readonly Offer[],
    neighbours: readonly Neighbour[],
    announcements: readonly Announcement[],
  ): ReadonlySet<string> => {
    const served = new Set(offers.map(leaseKeyOfOffer))
    const used = new Set(offers.map(keyOfOffer))
    const announced = new Map<Prefix, Vmid>()
    for (const own of byGuest(announcements).values())
      for (const { prefix, vmid } of hostsAmong(own)) announced.set(prefix, vmid)
    for (const neighbour of neighbours) {
      const { prefix, lease } = asKeys(neighbour)
      const vmid = announced.get(prefix)
      if (vmid !== undefined || !served.has(lease)) used.add(keyOfUse(vmid, lease))
    }
    return used
  },
)

const asKeys = memoOf(({ address, mac }: Neighbour) => ({
  prefix: hostPrefix(address),
  lease: leaseKeyOf({ address, mac }),
}))

/** What a guest announces that is one address: far more may be announced of what is behind it. */
const hostsAmong = memoOf((own: readonly Announcement[]) => own.filter(({ prefix }) => isHost(prefix)))

/** Whether a guest has an address in use, as far as is known. */
export function isUsed(used: ReadonlySet<string>, { vmid, address, mac }: Required<Use>): boolean {
  return used.has(keyOf({ vmid, address, mac })) || used.has(keyOf({ address, mac }))
}

/** Unix seconds when a guest last had an address in use here; `undefined`: never since this agent looks. */
export function lastUsed(
  { lastInUse }: Pick<Sightings, 'lastInUse'>,
  { vmid, address, mac }: Required<Use>,
): number | undefined {
  return lastInUse(keyOf({ vmid, address, mac })) ?? lastInUse(keyOf({ address, mac }))
}
