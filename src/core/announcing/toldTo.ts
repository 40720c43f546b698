import type { ExportRule } from '../policy/exportRule.ts'
import type { Peer } from '../policy/peer.ts'
import { familyOf } from '../values/family.ts'
import type { Announcement } from './announcement.ts'

/** Whether a peer is told an announcement at all: its family, and no entry of `export` keeps it from the peer. */
export function isToldTo(
  { name, families }: Pick<Peer, 'name' | 'families'>,
  announcement: Announcement,
  exports: readonly ExportRule[],
): boolean {
  const isKeptBack = exports.some(
    rule => rule.onlyTo !== undefined && !rule.onlyTo.includes(name) && isFor(rule, announcement),
  )
  return families.includes(familyOf(announcement.prefix)) && !isKeptBack
}

function isFor({ bridge, tag, vmids }: ExportRule, { network, vmid }: Announcement): boolean {
  const isInNetwork = bridge === undefined || (network?.bridge === bridge && network.tag === tag)
  return isInNetwork && (vmids?.some(({ first, last }) => first <= vmid && vmid <= last) ?? true)
}
