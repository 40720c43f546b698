import { join } from 'node:path'
import type { Settings } from '../../core/node/settings.ts'
import type { NodeSummary, NodeView } from '../../core/report/clusterView.ts'
import { describePlace } from '../../core/values/place.ts'
import { errorText } from '../../os/errorText.ts'
import { readText } from '../../os/files.ts'
import { nodeSecret } from '../../pve/access/tokens.ts'
import { type Member, parseMembers } from '../../pve/tree/virtualFiles.ts'
import { askNode } from './askNode.ts'

export interface ClusterOptions {
  readonly settings: Pick<Settings, 'node' | 'pveRoot'>
  /** Where each node answers (`http.listen`); absent: nowhere. */
  readonly port: number | undefined
  /** What this node tells of itself. */
  readonly own: () => NodeSummary | Promise<NodeSummary>
}

/** Every node of the cluster, each asked by its agent, all at once. Nothing that one of them does keeps the others from being told. */
export async function askCluster(options: ClusterOptions): Promise<NodeView[]> {
  const { node, pveRoot } = options.settings
  const file = readText(join(pveRoot, '.members'))
  const members = file.ok ? parseMembers(file.text) : []
  // A node that is alone, or a copied tree, knows only itself.
  const all = members.some(({ name }) => name === node) ? members : [{ name: node, online: true }, ...members]
  return await Promise.all(all.map(member => view(member, options)))
}

async function view(member: Member, { settings, port, own }: ClusterOptions): Promise<NodeView> {
  const { pveRoot } = settings
  const { name: node, online, address } = member
  const known = { node, ...pageOf(address, port) }
  try {
    if (node === settings.node) return { ...known, state: 'answering', summary: await own() }
    if (!online || address === undefined)
      return { node, state: 'offline', reason: 'the cluster does not see it' }
    const secret = nodeSecret(pveRoot)
    if (port === undefined || secret === undefined)
      return { node, state: 'closed', reason: 'nodes ask one another where the policy has http.listen' }
    const summary = await askNode({ pveRoot, node, address, port, secret })
    return { ...known, state: 'answering', summary }
  } catch (error) {
    return { ...known, state: 'silent', reason: errorText(error) }
  }
}

function pageOf(address: string | undefined, port: number | undefined): Pick<NodeView, 'page'> {
  return address === undefined || port === undefined
    ? {}
    : { page: `https://${describePlace({ address, port })}/` }
}
