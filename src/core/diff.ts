import { diffAdvertising } from './advertising/diff.ts'
import { diffAnnouncing } from './announcing/diff.ts'
import type { Change } from './change.ts'
import { diffDhcp } from './dhcp/diff.ts'
import type { SlotLinkOf } from './dhcp/placement.ts'
import { diffGuard } from './guard/diff.ts'
import type { Observation } from './observation.ts'
import type { Target } from './target.ts'

/** The steps from what is to what should be, in an order in which each finds what it needs. Pure. */
export function diff(target: Target, observation: Observation, slotLinkOf: SlotLinkOf): Change[] {
  return [
    ...target.holders,
    ...diffGuard(target.guard, observation.guard.table),
    ...diffDhcp(target.dhcp, observation, slotLinkOf),
    ...diffAdvertising(target.advertising, observation.advertising, observation.ports.solicitations),
    ...(target.announcing && observation.announcing
      ? diffAnnouncing(target.announcing, observation.announcing, observation.links)
      : []),
  ]
}
