import type { NodeView } from '../../core/report/clusterView.ts'
import type { Status } from '../../core/report/schema.ts'
import { type NodeCard, nodeCards } from '../view/cluster.ts'
import { Sign } from './sign.tsx'

/** Every node of the cluster; nothing where this one is alone. */
export function Cluster({ status, views }: { status: Status; views: readonly NodeView[] }) {
  const cards = nodeCards(status, views, location.hostname)
  if (cards.length === 0) return null
  return (
    <section class="cluster" id="cluster" aria-labelledby="cluster-title">
      <h2 id="cluster-title" class="visually-hidden">
        Nodes of the cluster
      </h2>
      <ul>
        {cards.map(card => (
          <Node key={card.node} card={card} />
        ))}
      </ul>
    </section>
  )
}

const SIGNS = { good: 'good', warning: 'warning', critical: 'critical', unknown: 'left-alone' } as const

function Node({ card: { node, isThis, state, verdict, detail, problems, page } }: { card: NodeCard }) {
  return (
    <li class={`node is-${state} ${isThis ? 'is-this' : ''}`}>
      <h3>
        <Sign state={SIGNS[state]} size={14} />
        {page === undefined ? <span class="node-title">{node}</span> : <a href={page}>{node}</a>}
        {isThis && <span class="tag">this page</span>}
        <span class="node-verdict">{verdict}</span>
      </h3>
      <p class="node-detail">{detail}</p>
      {!isThis && problems.length > 0 && (
        <details>
          <summary>What is wrong there</summary>
          <ul>
            {problems.map(({ code, problems: [first, ...others] }) => (
              <li key={code}>
                {first?.message}
                {others.length > 0 && ` And ${others.length} more of this kind.`} <code>{code}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}
