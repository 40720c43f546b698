import type { Settings } from '../core/node/settings.ts'
import type { NodeSummary, NodeView } from '../core/report/clusterView.ts'
import { Reader } from '../cycle/read.ts'
import { askCluster } from '../http/cluster/askCluster.ts'

/** Every node of the cluster, each asked by the agent of this one, which tells `own` itself. */
export async function lookAtCluster(
  settings: Settings,
  own: () => Promise<NodeSummary>,
): Promise<readonly NodeView[]> {
  const { http } = (await new Reader(settings).read()).policy
  return await askCluster({ settings, port: http?.listen.port, own })
}
