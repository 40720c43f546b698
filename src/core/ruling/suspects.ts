import { groupBy } from '../values/collection.ts'
import { memoOf } from '../values/memo.ts'
import { addressPlaceOf, announcedPlaceOf, type Claim, macPlaceOf } from './claim.ts'

/** What a claim is made to wherever its guest is. */
export const ownPlacesOf = memoOf((claim: Claim): readonly string[] => [
  addressPlaceOf(claim),
  macPlaceOf(claim),
])

const byOwnPlace = memoOf((claims: readonly Claim[]) => byPlace(claims, ownPlacesOf))
const byAnnouncedPlace = memoOf((claims: readonly Claim[]) =>
  byPlace(claims, claim => [announcedPlaceOf(claim)]),
)
const claimsByGuest = memoOf((claims: readonly Claim[]) => groupBy(claims, ({ vmid }) => vmid as number))
const sharedOwn = memoOf((claims: readonly Claim[]) => sharedIn(byOwnPlace(claims)))
const sharedAnnounced = memoOf((claims: readonly Claim[]) => sharedIn(byAnnouncedPlace(claims)))

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
  const places = byOwnPlace(claims)
  const met = travelling.flatMap(({ claim, place }) => [claim, ...(places.get(place) ?? [])])
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

function byPlace(
  claims: readonly Claim[],
  placesOf: (claim: Claim) => readonly string[],
): ReadonlyMap<string, readonly Claim[]> {
  const places = new Map<string, Claim[]>()
  for (const claim of claims) {
    for (const place of placesOf(claim)) {
      const others = places.get(place)
      if (others) others.push(claim)
      else places.set(place, [claim])
    }
  }
  return places
}

function sharedIn(places: ReadonlyMap<string, readonly Claim[]>): ReadonlySet<Claim> {
  const shared = new Set<Claim>()
  for (const claims of places.values()) {
    const [first] = claims
    // A NIC with an address of each family wants its MAC twice.
    if (claims.some(({ vmid, nic }) => vmid !== first?.vmid || nic !== first.nic))
      for (const claim of claims) shared.add(claim)
  }
  return shared
}
