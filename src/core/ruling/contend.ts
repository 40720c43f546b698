import type { NicName } from '../guest/names.ts'

type Contender = Pick<NicName, 'vmid' | 'nic'>

/** Of what claims are made to, that which more than one NIC wants, and who wants it. */
export type Contested<T> = ReadonlyMap<string, readonly T[]>

export interface Outcome<T> {
  readonly held: readonly T[]
  /** `place`: what `claim` did not get, because `holder` has it. */
  readonly lost: readonly { readonly claim: T; readonly holder: T; readonly place: string }[]
  readonly contested: Contested<T>
}

/**
 * Grants each claim all the places it needs, or none: the strongest first, of equals the lowest VMID, then the lowest NIC. A
 * place that a NIC has, it may have again. `strengthOf` is asked with the places that others want, too.
 */
export function contend<T extends Contender>(
  claims: readonly T[],
  strengthOf: (claim: T, contested: readonly string[]) => number,
  placesOf: (claim: T) => readonly string[],
): Outcome<T> {
  const contested = contestedPlaces(claims, placesOf)
  if (contested.size === 0) return { held: claims, lost: [], contested }
  const rivals = new Set([...contested.values()].flat())
  const held = claims.filter(claim => !rivals.has(claim))
  const lost: { claim: T; holder: T; place: string }[] = []
  const holders = new Map<string, T>()
  const strengthOfRival = (claim: T) =>
    strengthOf(
      claim,
      placesOf(claim).filter(place => contested.has(place)),
    )
  for (const claim of inOrder([...rivals], strengthOfRival)) {
    const places = placesOf(claim)
    const taken = places.find(place => isAnother(holders.get(place), claim))
    const holder = taken === undefined ? undefined : holders.get(taken)
    if (taken !== undefined && holder) {
      lost.push({ claim, holder, place: taken })
      continue
    }
    held.push(claim)
    for (const place of places) holders.set(place, claim)
  }
  return { held, lost, contested }
}

function contestedPlaces<T extends Contender>(
  claims: readonly T[],
  placesOf: (claim: T) => readonly string[],
): Contested<T> {
  const first = new Map<string, T>()
  const places = new Set<string>()
  for (const claim of claims) {
    for (const place of placesOf(claim)) {
      const other = first.get(place)
      if (other === undefined) first.set(place, claim)
      else if (isAnother(other, claim)) places.add(place)
    }
  }
  if (places.size === 0) return new Map()
  const contested = new Map<string, T[]>([...places].map(place => [place, []]))
  for (const claim of claims) for (const place of placesOf(claim)) contested.get(place)?.push(claim)
  return contested
}

function isAnother(holder: Contender | undefined, claim: Contender): boolean {
  return holder !== undefined && (holder.vmid !== claim.vmid || holder.nic !== claim.nic)
}

function inOrder<T extends Contender>(claims: readonly T[], strengthOf: (claim: T) => number): T[] {
  return claims
    .map(claim => ({ claim, strength: strengthOf(claim) }))
    .toSorted((a, b) => b.strength - a.strength || a.claim.vmid - b.claim.vmid || a.claim.nic - b.claim.nic)
    .map(({ claim }) => claim)
}
