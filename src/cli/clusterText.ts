import { isCritical } from '../core/problem/severity.ts'
import type { NodeView } from '../core/report/clusterView.ts'
import { counted } from '../core/text/counted.ts'
import { shown } from '../core/text/escape.ts'
import type { Paint } from './paint.ts'
import { table } from './table.ts'

/** A line for each node, and what is wrong below. */
export function describeCluster(views: readonly NodeView[], paint: Paint): string {
  const rows = table([['node', 'verdict', 'served', 'announced', 'BGP', ''], ...views.map(row)]).split('\n')
  const [head = '', ...lines] = rows
  const painted = lines.map((line, index) => paint(meaningOf(views[index]), line))
  return [paint('strong', head), ...painted, ...views.flatMap(troubles)].join('\n')
}

function meaningOf(view: NodeView | undefined) {
  if (view?.state !== 'answering') return 'bad'
  const { problems } = view.summary
  return problems.length === 0 ? 'good' : problems.some(isCritical) ? 'bad' : 'doubtful'
}

function row(view: NodeView): string[] {
  if (view.state !== 'answering') return [view.node, view.state, '', '', '', view.reason]
  const { problems, nics, announced, peersUp, peersDown, drained } = view.summary
  return [
    view.node,
    problems.length === 0 ? 'all is well' : counted(problems.length, 'problem'),
    `${nics.served ?? 0}`,
    `${announced}`,
    peersUp + peersDown === 0 ? '' : `${peersUp} of ${peersUp + peersDown} up`,
    drained ? 'drained' : '',
  ]
}

/** Problems of a node that are told here; the rest are told there. */
const FEW = 3

function troubles(view: NodeView): string[] {
  if (view.state !== 'answering' || view.summary.problems.length === 0) return []
  const { problems } = view.summary
  const told = problems.slice(0, FEW).map(({ code, message }) => `  ${shown(message)} [${code}]`)
  const rest = problems.length - told.length
  return ['', `${view.node}:`, ...told, ...(rest > 0 ? [`  and ${rest} more: guestnet status there`] : [])]
}
