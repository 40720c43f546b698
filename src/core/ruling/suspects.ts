import { groupBy } from '../values/collection.ts'
import { memoOf } from '../values/memo.ts'
import { addressPlaceOf, announcedPlaceOf, type Claim, macPlaceOf } from './claim.ts'
import { PlaceIndex } from './placeIndex.ts'

/** What a claim is made to wherever its guest is. */
export const ownPlacesOf = memoOf((claim: Claim): readonly string[] => [
  addressPlaceOf(claim),
  macPlaceOf(claim),
])

const ownPlaces = new PlaceIndex(ownPlacesOf)
const announcedPlaces = new PlaceIndex(claim => [announcedPlaceOf(claim)])
const claimsByGuest = memoOf((claims: readonly Claim[]) => groupBy(claims, ({ vmid }) => vmid as number))
const sharedOwn = memoOf((claims: readonly Claim[]) => ownPlaces.of(claims).shared())
const sharedAnnounced = memoOf((claims: readonly Claim[]) => announcedPlaces.of(claims).shared())

/**
 * Of all claims of a cluster those that may contest something, which are few: most want what nobody else wants. `travelling`: claims of
 * other nodes' guests that have a port here, and so want their MAC on this node, too. The same list is gone through once.
 */
export function suspectsAmong(
  claims: readonly Claim[],
  travelling: readonly { readonly claim: Claim; readonly place: string }[],
): ReadonlySet<Claim> {
  const shared = sharedOwn(claims)
  if (travelling.length === 0) return shared
  const places = ownPlaces.of(claims)
  const met = travelling.flatMap(({ claim, place }) => [claim, ...places.at(place)])
  return new Set([...shared, ...met])
}

/** The same of those that are announced, where networks make no difference. */
export function suspectsAnnounced(claims: readonly Claim[]): ReadonlySet<Claim> {
  return sharedAnnounced(claims)
}

/** The claims of a guest. */
export function claimsOfGuest(claims: readonly Claim[], vmid: number): readonly Claim[] {
  return claimsByGuest(claims).get(vmid) ?? []
}
