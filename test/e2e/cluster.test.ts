import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import { ProxmoxLogin } from '../../lab/proxmoxLogin.ts'
import type { NodeView } from '../../src/core/report/clusterView.ts'
import { vm } from './world.ts'

/** Two nodes that ask one another. */

let lab: Lab
let nodes: LabNode[]
let agents: LabProcess[]
let login: ProxmoxLogin

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'clu' })
  const tree = lab.createTree({ nodes: ['pve1', 'pve2'] })
  login = await ProxmoxLogin.create(tree, ['pve1', 'pve2'])
  tree.policy('http: {listen: "0.0.0.0:8068"}\n')
  tree.write('pve2', 'qemu', 100, vm(100, { ip: '203.0.113.100/24', gw: '203.0.113.1' }))
  const lan = await lab.addLan()
  nodes = []
  for (const [index, name] of ['pve1', 'pve2'].entries()) {
    const node = await lab.addNode(name, tree)
    await node.addBridge('vmbr0')
    await lan.connect(node, 'vmbr0')
    // As .members has them.
    await node.ip([`addr add 198.51.100.${index + 1}/24 dev vmbr0`])
    nodes.push(node)
  }
  await at(1).start(100)
  agents = nodes.map(node => startAgent(node))
})
afterAll(async () => {
  for (const node of nodes ?? []) await guestnet(node, 'teardown')
  await lab?.close()
})

function at(index: number): LabNode {
  const node = nodes[index]
  if (!node) throw new Error('no such node')
  return node
}

/** What a node tells of the cluster, as soon as it is as expected. */
async function clusterOf(
  index: number,
  until: (views: readonly NodeView[]) => boolean,
): Promise<readonly NodeView[]> {
  return await eventually(
    'the cluster as expected',
    async () => {
      const { stdout } = await guestnet(at(index), 'status', '--cluster')
      const { nodes: views } = JSON.parse(stdout) as { nodes: NodeView[] }
      return until(views) ? views : Promise.reject(new Error(stdout))
    },
    { timeoutMs: 30_000, dump: () => lab.dump() },
  )
}

const states = (views: readonly NodeView[]) => views.map(({ node, state }) => `${node} ${state}`)

test('each node tells of all, by command and by HTTP', async () => {
  const asks = ['pve1 answering', 'pve2 answering']
  for (const index of [0, 1]) await clusterOf(index, views => asks.every(one => states(views).includes(one)))
  const views = await clusterOf(0, found =>
    found.some(view => view.state === 'answering' && view.summary.nics.served === 1),
  )
  expect(views.find(({ node }) => node === 'pve2')).toMatchObject({
    summary: { nics: { served: 1 }, problems: [] },
  })
  const told = await at(0).run('curl', ['-sS', 'http://127.0.0.1:8067/api/cluster'])
  expect(states((JSON.parse(told) as { nodes: NodeView[] }).nodes)).toEqual(asks)
})

test('who does not show the certificate of a node is shown no secret', async () => {
  await login.certify('pve2')
  // The cluster has a newer certificate than the agent took up: until it does, it is a stranger.
  const views = await clusterOf(0, found => states(found).includes('pve2 silent'))
  expect(views.find(({ node }) => node === 'pve2')).toMatchObject({
    reason: expect.stringContaining('certificate'),
  })
})

test('a node whose agent does not answer is told as that', async () => {
  await agents[1]?.stop()
  const views = await clusterOf(0, found =>
    found.some(view => view.state === 'silent' && view.reason.includes('refused')),
  )
  expect(states(views)).toContain('pve1 answering')
  expect((await guestnet(at(0), 'status', '--cluster')).exitCode).toBe(1)
})
