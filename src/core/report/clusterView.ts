import type { Problem } from '../problem/problem.ts'
import { worstFirst } from '../problem/severity.ts'
import type { NicState } from './nicRow.ts'
import type { Report } from './report.ts'

/**
 * A node of the cluster, as it says itself: `answering`; `silent`: its agent does not answer, or not as one of this version;
 * `offline`: the cluster does not see the node; `closed`: the policy opens no place where nodes could ask one another.
 */
export type NodeView = {
  readonly node: string
  /** The address of its page, `https://198.51.100.2:8068/`; absent: it has none for others. */
  readonly page?: string
} & (
  | { readonly state: 'answering'; readonly summary: NodeSummary }
  | { readonly state: 'silent' | 'offline' | 'closed'; readonly reason: string }
)

/** What of a node's report matters from afar. */
export interface NodeSummary {
  /** Milliseconds since 1970. */
  readonly time: number
  /** The worst first. */
  readonly problems: readonly Problem[]
  /** NICs, by state. */
  readonly nics: Readonly<Partial<Record<NicState, number>>>
  readonly announced: number
  readonly peersUp: number
  readonly peersDown: number
  readonly drained: boolean
}

export function summaryOf({ time, problems, nics, announcing }: Report): NodeSummary {
  const states: Partial<Record<NicState, number>> = {}
  for (const { state } of nics) states[state] = (states[state] ?? 0) + 1
  const peers = announcing?.peers ?? []
  const peersUp = peers.filter(({ isUp }) => isUp).length
  return {
    time,
    problems: worstFirst(problems),
    nics: states,
    announced: announcing?.announcements.length ?? 0,
    peersUp,
    peersDown: peers.length - peersUp,
    drained: announcing !== undefined && announcing.drained !== 'no',
  }
}

/** Whether there is nothing to look at. */
export function isWell(view: NodeView): boolean {
  return view.state === 'answering' && view.summary.problems.length === 0
}
