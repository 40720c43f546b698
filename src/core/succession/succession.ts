import { intend } from '../intent.ts'
import type { ChangesPolicy } from '../policy/changes.ts'
import type { Reading } from '../reading.ts'
import { assumedObservation } from './assumed.ts'
import { type Excess, type Loss, lossBetween, sumOf, type Turnover } from './loss.ts'
import { type Reach, reachOf } from './reach.ts'

/** What it means that one policy follows another: for each node, and for the whole cluster. */
export interface Succession {
  readonly nodes: ReadonlyMap<string, Loss>
  readonly cluster: Loss
  /** Why the new policy must not come into force unasked; absent: it may. */
  readonly waits?: Excess
}

/**
 * What a policy would take away and give that follows another one: two readings of the same, the second with the new policy. Counted
 * is for every node of the cluster, from its configuration alone, so that all of them come to the same result. `hasLink` tells
 * of this node's links. Pure.
 */
export function successionOf(
  before: Reading,
  after: Reading,
  hasLink: (name: string) => boolean,
): Succession {
  const names = new Set([before.node, ...before.guests.map(({ node }) => node)])
  const nodes = new Map(
    [...names].toSorted().map(name => {
      const isThere = name === before.node ? hasLink : () => true
      return [name, lossBetween(reachUnder(before, name, isThere), reachUnder(after, name, isThere))] as const
    }),
  )
  const cluster = sumOf([...nodes.values()])
  const excess = excessIn(nodes, cluster, before.policy.changes)
  return { nodes, cluster, ...(excess && { waits: excess }) }
}

/**
 * What a node's guests have by the policy of a reading. It is what the agent would intend if every guest ran: whether one runs at
 * the moment says nothing about the policy, and other nodes could not know it.
 */
function reachUnder(reading: Reading, node: string, hasLink: (name: string) => boolean): Reach {
  const own = { ...reading, node, guests: reading.guests.filter(guest => guest.node === node) }
  const { dhcp, announcing } = intend(own, assumedObservation(own, hasLink))
  return reachOf(dhcp, announcing, reading.policy)
}

function excessIn(
  nodes: ReadonlyMap<string, Loss>,
  cluster: Loss,
  limits: ChangesPolicy,
): Excess | undefined {
  if (exceeds(cluster, limits)) return { loss: cluster }
  for (const [node, loss] of nodes) if (exceeds(loss, limits)) return { node, loss }
  return undefined
}

function exceeds({ guests, prefixes }: Loss, limits: ChangesPolicy): boolean {
  return [guests, prefixes].some(turnover => isTooMuch(turnover, limits))
}

function isTooMuch({ before, lost }: Turnover<unknown>, { share, count }: ChangesPolicy): boolean {
  return lost.length > count && lost.length * 100 > before * share
}
