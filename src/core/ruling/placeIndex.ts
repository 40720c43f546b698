import type { Claim } from './claim.ts'

/**
 * Claims by the places that they are made to. It is brought up to date rather than made anew: of the lists that it is given one after the other,
 * most begin and end with the very same claims.
 */
export class PlaceIndex {
  readonly #placesOf: (claim: Claim) => readonly string[]
  readonly #claims = new Map<string, Claim[]>()
  /** Places that more than one NIC wants. */
  readonly #contested = new Set<string>()
  #last: readonly Claim[] = []

  /** `placesOf`: the same for the same claim. */
  constructor(placesOf: (claim: Claim) => readonly string[]) {
    this.#placesOf = placesOf
  }

  /** Itself, of these claims. */
  of(claims: readonly Claim[]): this {
    if (claims === this.#last) return this
    const { gone, fresh } = differenceOf(this.#last, claims)
    for (const claim of gone) this.#remove(claim)
    for (const claim of fresh) this.#add(claim)
    for (const place of new Set([...gone, ...fresh].flatMap(this.#placesOf))) this.#weigh(place)
    this.#last = claims
    return this
  }

  at(place: string): readonly Claim[] {
    return this.#claims.get(place) ?? []
  }

  /** The claims to places that others want, too. */
  shared(): ReadonlySet<Claim> {
    return new Set([...this.#contested].flatMap(place => this.at(place)))
  }

  #add(claim: Claim): void {
    for (const place of this.#placesOf(claim)) {
      const others = this.#claims.get(place)
      if (others) others.push(claim)
      else this.#claims.set(place, [claim])
    }
  }

  #remove(claim: Claim): void {
    for (const place of this.#placesOf(claim)) {
      const others = this.at(place).filter(other => other !== claim)
      if (others.length > 0) this.#claims.set(place, others)
      else this.#claims.delete(place)
    }
  }

  #weigh(place: string): void {
    const [first, ...others] = this.at(place)
    // A NIC with an address of each family wants its MAC twice.
    const isContested = others.some(({ vmid, nic }) => vmid !== first?.vmid || nic !== first.nic)
    if (isContested) this.#contested.add(place)
    else this.#contested.delete(place)
  }
}

/** What two lists do not begin and end with in common. */
function differenceOf<T>(former: readonly T[], now: readonly T[]): { gone: T[]; fresh: T[] } {
  const most = Math.min(former.length, now.length)
  let head = 0
  while (head < most && former[head] === now[head]) head++
  let tail = 0
  while (tail < most - head && former.at(-1 - tail) === now.at(-1 - tail)) tail++
  return { gone: former.slice(head, former.length - tail), fresh: now.slice(head, now.length - tail) }
}
