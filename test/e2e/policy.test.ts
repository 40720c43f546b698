import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asNobody, guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import type { Tree } from '../../lab/tree.ts'
import type { Report } from '../../src/core/report/report.ts'
import { vm } from './world.ts'

/** Two nodes with six guests each: no node has more than ten, the cluster has. */
const NODES = ['pve1', 'pve2']
const EXCLUDED = 'dhcp: {exclude: [{bridge: vmbr0}]}\n'

let lab: Lab
let tree: Tree
let nodes: readonly LabNode[]
let agents: LabProcess[]

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'pol' })
  tree = lab.createTree({ nodes: NODES })
  nodes = await Promise.all(NODES.map(name => lab.addNode(name, tree)))
  for (const [index, name] of NODES.entries()) {
    for (let number = 1; number <= 6; number += 1) {
      const vmid = 100 * (index + 1) + number
      tree.write(name, 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid % 256}/24` }))
    }
  }
  agents = nodes.map(node => startAgent(node))
  await everywhere(({ policy, nics }) => policy === 'default' && offered(nics) === 6)
})
afterAll(() => lab?.close())

const offered = (nics: Report['nics']) => nics.filter(({ offer }) => offer).length

/** Waits until both nodes' agents tell what is expected. */
async function everywhere(isAsExpected: (report: Report) => boolean): Promise<void> {
  await eventually(
    'both nodes are as expected',
    async () => {
      const told = await Promise.all(nodes.map(node => guestnet(node, 'status')))
      const reports = told.map(({ stdout }) => JSON.parse(stdout) as Report & { agent: boolean })
      const areAll = reports.every(report => report.agent && isAsExpected(report))
      return areAll || Promise.reject(new Error(told.map(({ stdout }) => stdout).join('\n')))
    },
    { timeoutMs: 20_000, dump: () => lab.dump() },
  )
}

const isWaiting = ({ policy, nics, problems }: Report) =>
  policy === 'waiting' && offered(nics) === 6 && problems.some(({ code }) => code === 'policy-waiting')

/** Runs a verb of `guestnet policy` on a node. */
async function policy(node: LabNode | undefined, ...words: string[]) {
  if (!node) throw new Error('there is no such node')
  const { exitCode, stdout, stderr } = await guestnet(node, 'policy', ...words)
  return { exitCode, told: (stdout === '' ? stderr : JSON.parse(stdout)) as unknown }
}

test('a policy that takes what they have from most guests waits on every node, and is told', async () => {
  tree.policy(EXCLUDED)
  await everywhere(isWaiting)
  expect(await policy(nodes[0], 'diff')).toMatchObject({
    exitCode: 2,
    told: { waits: true, cluster: { guests: { before: 12, lost: { length: 12 } } } },
  })
})

test('reload has it read at once, and tells that it waits', async () => {
  const { exitCode, stdout } = await guestnet(nodes[0] as LabNode, 'reload')
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'policy-waiting' }] })
})

test('also for agents that start meanwhile', async () => {
  await Promise.all(agents.map(agent => agent.stop()))
  agents = nodes.map(node => startAgent(node))
  await everywhere(isWaiting)
})

test('one command on one node accepts it for all, and it is an event', async () => {
  expect(await policy(nodes[1], 'accept')).toExitWith(0)
  await everywhere(
    ({ policy, nics, problems }) => policy === 'file' && offered(nics) === 0 && problems.length === 0,
  )
  const { stdout } = await guestnet(nodes[0] as LabNode, 'events')
  expect(stdout).toMatch(
    /"kind":"policy","message":"the policy [0-9a-f]{16} is in force, instead of no-file"/,
  )
})

test('the history has both, and a rollback puts the one before in force on all nodes', async () => {
  const { told } = await policy(nodes[0], 'history')
  expect((told as { digest: string }[]).map(({ digest }) => digest.length)).toEqual([16, 'no-file'.length])
  expect(await policy(nodes[0], 'rollback')).toMatchObject({ exitCode: 0, told: { restored: 'no-file' } })
  await everywhere(({ policy, nics }) => policy === 'default' && offered(nics) === 6)
})

test('a change that takes little needs nobody; a file that vanishes waits all the same', async () => {
  const MILD = 'dhcp: {lease: 2h}\n'
  tree.policy(MILD)
  await everywhere(({ policy, nics }) => policy === 'file' && offered(nics) === 6)
  rmSync(join(tree.root, 'guestnet.yaml'))
  await everywhere(
    ({ policy, nics, problems }) =>
      policy === 'waiting' && offered(nics) === 6 && problems.some(({ code }) => code === 'policy-missing'),
  )
  expect(await policy(nodes[0], 'rollback')).toExitWith(0)
  await everywhere(({ policy, problems }) => policy === 'file' && problems.length === 0)
})

test('a policy is checked without root, and every mistake told', async () => {
  tree.writeFile('draft.yaml', 'dhcp: {lease: soon}\nchanges: {share: half}\n')
  const node = nodes[0] as LabNode
  const { exitCode, stdout, stderr } = await asNobody(node, [
    'policy',
    'check',
    join(tree.root, 'draft.yaml'),
  ])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr.split('\n').map(line => line.replace(/^.*draft\.yaml:/, ''))).toEqual([
    '1:15: `dhcp.lease` must be a time from 60 seconds to 30 days, such as 90s, 30m, 1h or 2d, not `soon`. [policy-invalid]',
    '2:18: `changes.share` must be a share from 0% to 100%, such as 50%, not `half`. [policy-invalid]',
  ])
})
