import { lengthOf, type Prefix } from '../address.ts'
import type { Network } from '../network.ts'
import { overlaps } from '../prefix.ts'
import type { AnnouncedNetwork, AnnouncePolicy } from './announce.ts'

/** The policy's entry for a network: the same bridge and the same VLAN, or none. */
export function networkFor(announce: AnnouncePolicy, { bridge, tag }: Network): AnnouncedNetwork | undefined {
  return announce.networks.find(network => network.bridge === bridge && network.tag === tag)
}

/** Whether a prefix lies within one of those that may leave the node. */
export function mayLeave({ prefixes }: AnnouncedNetwork, prefix: Prefix): boolean {
  return prefixes.some(outer => lengthOf(outer) <= lengthOf(prefix) && overlaps(outer, prefix))
}
