import { groupBy } from '../values/collection.ts'

/** One of several that want the same thing, and how strong its wish is. */
export interface Contender {
  readonly vmid: number
  readonly nic: number
  /** Its port is on this node. */
  readonly runningHere: boolean
  /** Its port is on this node, and it has there already what it wants. */
  readonly servedHere: boolean
  /** It runs on another node, as far as the cluster's status tells. */
  readonly runningElsewhere: boolean
}

export interface Outcome<T> {
  readonly held: readonly T[]
  readonly lost: readonly { readonly claim: T; readonly holder: T }[]
}

/**
 * Of those that want the same thing, one gets it: what is served stays served, what runs here beats what runs elsewhere,
 * that beats what is stopped, then the lowest VMID.
 */
export function contend<T extends Contender>(claims: readonly T[], wishOf: (claim: T) => string): Outcome<T> {
  const held: T[] = []
  const lost: { claim: T; holder: T }[] = []
  for (const rivals of groupBy(claims, wishOf).values()) {
    const [holder, ...others] = rivals.toSorted(byStrength)
    if (!holder) continue
    held.push(holder)
    for (const claim of others) lost.push({ claim, holder })
  }
  return { held, lost }
}

function byStrength(a: Contender, b: Contender): number {
  return strengthOf(b) - strengthOf(a) || a.vmid - b.vmid || a.nic - b.nic
}

function strengthOf({ servedHere, runningHere, runningElsewhere }: Contender): number {
  if (servedHere) return 3
  if (runningHere) return 2
  return runningElsewhere ? 1 : 0
}
