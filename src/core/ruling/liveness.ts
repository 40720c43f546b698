import { type Guest, linkNameOf, type Nic } from '../guest/guest.ts'
import type { Links } from '../node/link.ts'
import type { Mac } from '../values/mac.ts'

/** What tells whether a guest's NIC lives here. */
export interface LivenessInput {
  readonly node: string
  readonly links: Links
  /** The NIC's addresses are in the kernel already, so it has been found alive before. */
  readonly isKnown: (mac: Mac) => boolean
}

/**
 * Whether traffic for a NIC belongs here: its configuration is in this node's folder (the rename of the file is the moment
 * of a live migration), and its port is here and up. A port that appears while a stopped guest is being backed up belongs
 * to a paused QEMU that never runs.
 */
export function isLive(guest: Guest, nic: Nic, { node, links, isKnown }: LivenessInput): boolean {
  const port = links.get(linkNameOf(guest, nic.index))
  if (guest.node !== node || guest.template || !port?.up || nic.mac === undefined) return false
  return guest.lock !== 'backup' || isKnown(nic.mac)
}
