import type { BirdFiles } from '../bird/files.ts'
import type { AnnounceChange } from '../core/announcing/change.ts'
import type { Change } from '../core/change.ts'
import type { DhcpChange } from '../core/dhcp/change.ts'
import type { Observation } from '../core/observation.ts'
import type { Applied } from './applied.ts'
import { applyAnnouncing } from './applyAnnouncing.ts'
import { applyDhcp } from './applyDhcp.ts'
import type { Drivers } from './drivers.ts'

/**
 * Carries changes out; returns them in their order. What is announced does not wait for a Kea to start, nor the other way
 * round. `files`: what BIRD is to go by.
 */
export async function apply(
  drivers: Drivers,
  changes: readonly Change[],
  before: Observation,
  files: BirdFiles | undefined,
): Promise<Applied[]> {
  const announcing = changes.filter(isAnnouncing)
  const dhcp = changes.filter((change): change is DhcpChange => !isAnnouncing(change))
  const applied = await Promise.all([
    applyAnnouncing(drivers, announcing, { links: before.links, files }),
    applyDhcp(drivers, dhcp, before),
  ])
  const order = new Map(changes.map((change, index) => [change, index]))
  return applied.flat().toSorted((a, b) => (order.get(a.change) ?? 0) - (order.get(b.change) ?? 0))
}

const ANNOUNCING = new Set<Change['kind']>([
  'sysctl-set',
  'routing',
  'bird-start',
  'bird-configure',
  'bird-stop',
  'announce',
  'withdraw',
])

function isAnnouncing(change: Change): change is AnnounceChange {
  return ANNOUNCING.has(change.kind)
}
