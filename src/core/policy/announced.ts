import { lengthOf, type Prefix } from '../values/address.ts'
import { memoOf } from '../values/memo.ts'
import type { Network } from '../values/network.ts'
import { overlaps } from '../values/prefix.ts'
import type { AnnouncedNetwork } from './announce.ts'

/** The policy's entry for a network: the same bridge and the same VLAN, or none. */
export function networkFor(
  { networks }: { readonly networks: readonly AnnouncedNetwork[] },
  { bridge, tag }: Network,
): AnnouncedNetwork | undefined {
  return networks.find(network => network.bridge === bridge && network.tag === tag)
}

/** Whether a prefix may leave the node from any of the policy's networks; the same function for the same networks. */
export const leavesAnywhere = memoOf(
  (networks: readonly AnnouncedNetwork[]) =>
    (prefix: Prefix): boolean =>
      networks.some(network => mayLeave(network, prefix)),
)

/** What was asked of a network before: guests' addresses are asked for with every look. */
const ASKED = new WeakMap<AnnouncedNetwork, Map<Prefix, boolean>>()

/** Whether a prefix lies within one of those that may leave the node. */
export function mayLeave(network: AnnouncedNetwork, prefix: Prefix): boolean {
  const asked = ASKED.get(network) ?? new Map<Prefix, boolean>()
  ASKED.set(network, asked)
  const known = asked.get(prefix)
  if (known !== undefined) return known
  const answer = network.prefixes.some(
    outer => lengthOf(outer) <= lengthOf(prefix) && overlaps(outer, prefix),
  )
  asked.set(prefix, answer)
  return answer
}
