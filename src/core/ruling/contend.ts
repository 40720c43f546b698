import type { NicName } from '../guest/names.ts'

export interface Outcome<T> {
  readonly held: readonly T[]
  /** `place`: what `claim` did not get, because `holder` has it. */
  readonly lost: readonly { readonly claim: T; readonly holder: T; readonly place: string }[]
}

type Contender = Pick<NicName, 'vmid' | 'nic'>

/**
 * Grants each claim all the places it needs, or none: the strongest first, of equals the lowest VMID, then the lowest NIC. A
 * place that a NIC has, it may have again.
 */
export function contend<T extends Contender>(
  claims: readonly T[],
  strengthOf: (claim: T) => number,
  placesOf: (claim: T) => readonly string[],
): Outcome<T> {
  const contested = contestedPlaces(claims, placesOf)
  const isContested = (claim: T) => placesOf(claim).some(place => contested.has(place))
  const held = contested.size === 0 ? [...claims] : claims.filter(claim => !isContested(claim))
  const lost: { claim: T; holder: T; place: string }[] = []
  const holders = new Map<string, T>()
  for (const claim of inOrder(contested.size === 0 ? [] : claims.filter(isContested), strengthOf)) {
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
  return { held, lost }
}

/** The places that more than one NIC wants. */
function contestedPlaces<T extends Contender>(
  claims: readonly T[],
  placesOf: (claim: T) => readonly string[],
): Set<string> {
  const wanted = new Map<string, T>()
  const contested = new Set<string>()
  for (const claim of claims) {
    for (const place of placesOf(claim)) {
      const other = wanted.get(place)
      if (other === undefined) wanted.set(place, claim)
      else if (isAnother(other, claim)) contested.add(place)
    }
  }
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
