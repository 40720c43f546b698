import { describeDrop, packetsIn } from '../../core/guard/drop.ts'
import { describeNic } from '../../core/guest/names.ts'
import type { GuardReport } from '../../core/report/guarding.ts'

/** A port that sent what is not its own. */
export interface GuardRow {
  readonly vmid: number
  /** `VM 100 net0`. */
  readonly title: string
  readonly packets: number
  /** What it sent, each with how often. */
  readonly drops: readonly string[]
}

/** However many ports there are, so many are told of. */
const MOST = 20

/** The ports of which something was dropped, or would be, the busiest first. */
export function guardRows({ ports }: GuardReport): GuardRow[] {
  return ports
    .filter(({ drops }) => packetsIn(drops) > 0)
    .map(({ vmid, drops, ...nic }) => ({
      vmid,
      title: describeNic({ vmid, ...nic }),
      packets: packetsIn(drops),
      drops: drops.map(drop => `${drop.packets} × ${describeDrop(drop)}`),
    }))
    .toSorted((a, b) => b.packets - a.packets)
    .slice(0, MOST)
}
