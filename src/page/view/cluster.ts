import { isCritical } from '../../core/problem/severity.ts'
import { type NodeSummary, type NodeView, summaryOf } from '../../core/report/clusterView.ts'
import type { Status } from '../../core/report/schema.ts'
import { counted } from '../../core/text/counted.ts'
import { type ProblemGroup, problemGroups } from './verdict.ts'

/** A node of the cluster as its card shows it. */
export interface NodeCard {
  readonly node: string
  readonly isThis: boolean
  /** `unknown`: it was not asked. */
  readonly state: 'good' | 'warning' | 'critical' | 'unknown'
  /** `All is well`, `2 problems`, `does not answer`. */
  readonly verdict: string
  /** What it serves; of a node that does not answer, why. */
  readonly detail: string
  readonly problems: readonly ProblemGroup[]
  /** Where its page is, if that can be reached from here. */
  readonly page?: string
}

/** The nodes of the cluster, in the order they were told; none where this one is alone. `hostname`: by which this page was asked for. */
export function nodeCards(status: Status, views: readonly NodeView[], hostname: string): NodeCard[] {
  if (views.length < 2) return []
  return views.map((view): NodeCard => {
    const { node } = view
    // Of this node the report is known, which is newer.
    if (node === status.node) return { node, isThis: true, ...answering(summaryOf(status)) }
    const place = view.page === undefined ? {} : { page: pageFrom(view.page, node, status.node, hostname) }
    const told = view.state === 'answering' ? answering(view.summary) : notAnswering(view)
    return { node, isThis: false, ...told, ...place }
  })
}

type Told = Pick<NodeCard, 'state' | 'verdict' | 'detail' | 'problems'>

function answering(summary: NodeSummary): Told {
  const { problems } = summary
  const verdict = problems.length === 0 ? 'All is well' : counted(problems.length, 'problem')
  const state = problems.length === 0 ? 'good' : problems.some(isCritical) ? 'critical' : 'warning'
  return { state, verdict, detail: workOf(summary), problems: problemGroups(problems) }
}

function workOf({ nics, announced, peersUp, peersDown, drained }: NodeSummary): string {
  const peers = peersUp + peersDown
  return [
    `${counted(nics.served ?? 0, 'address', 'addresses')} served`,
    ...(announced > 0 ? [`${announced} announced`] : []),
    ...(peers > 0 ? [`BGP ${peersUp}/${peers} up`] : []),
    ...(drained ? ['drained'] : []),
  ].join(' · ')
}

const NOT_ANSWERING = {
  silent: { state: 'critical', verdict: 'does not answer' },
  offline: { state: 'critical', verdict: 'offline' },
  closed: { state: 'unknown', verdict: 'not asked' },
} as const

function notAnswering({ state, reason }: Exclude<NodeView, { state: 'answering' }>): Told {
  return { ...NOT_ANSWERING[state], detail: reason, problems: [] }
}

/**
 * The address of another node's page: by name where this one was asked for by name, as a browser is signed in by name
 * and the certificate is for names.
 */
function pageFrom(page: string, node: string, own: string, hostname: string): string {
  const [first, ...domain] = hostname.split('.')
  if (first !== own) return page
  const url = new URL(page)
  url.hostname = [node, ...domain].join('.')
  return url.href
}
