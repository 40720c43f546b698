import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet, startAgent } from '../../lab/agent.ts'
import { openBrowser } from '../../lab/browser.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import { PATIENCE } from '../../lab/patience.ts'
import { memberAddress } from '../../lab/pmxcfs.ts'
import { type LabProcess, run } from '../../lab/process.ts'
import { ProxmoxLogin } from '../../lab/proxmoxLogin.ts'
import type { Tree } from '../../lab/tree.ts'
import type { NodeView } from '../../src/core/report/clusterView.ts'
import { vm } from './world.ts'

/** Two nodes that ask one another, and a browser that looks at the first. */

let lab: Lab
let tree: Tree
let nodes: LabNode[]
let agents: LabProcess[]
let browser: BrowserContext
let page: Page

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'clu' })
  tree = lab.createTree({ nodes: ['pve1', 'pve2'] })
  await ProxmoxLogin.create(tree, ['pve1', 'pve2'])
  tree.policy('http: {listen: "[::]:8068"}\n')
  tree.write('pve2', 'qemu', 100, vm(100, { ip: '203.0.113.100/24', gw: '203.0.113.1' }))
  const lan = await lab.addLan()
  nodes = []
  for (const [index, name] of ['pve1', 'pve2'].entries()) {
    const node = await lab.addNode(name, tree)
    await node.addBridge('vmbr0')
    await lan.connect(node, 'vmbr0')
    // As .members has them.
    await node.ip([`addr add ${memberAddress(index + 1)}/64 dev vmbr0 nodad`])
    nodes.push(node)
  }
  await at(1).start(100)
  agents = nodes.map(node => startAgent(node))
  browser = await openBrowser(at(0))
  page = await browser.newPage()
  page.setDefaultTimeout(30_000 * PATIENCE)
})
afterAll(async () => {
  await browser?.close()
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

const card = (node: string) => page.locator('.node', { hasText: node })

test('the page of a node shows all, each with its verdict and the way to its page', async () => {
  await page.goto('http://127.0.0.1:8067/')
  await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }))
  await card('pve1').getByText('this page').waitFor()
  await card('pve2').getByText('All is well').waitFor()
  await card('pve2').getByText('1 address served').waitFor()
  expect(await card('pve2').getByRole('link').getAttribute('href')).toBe('https://[2001:db8:ffff::12]:8068/')
})

test('what goes wrong on another node is there without loading, and gone with it', async () => {
  tree.write('pve2', 'qemu', 101, vm(101, { more: 'nonsense: 1\n' }))
  await card('pve2').getByText('1 problem').waitFor()
  await card('pve2').getByText('What is wrong there').click()
  await card('pve2').getByText('config-key-unknown').waitFor()
  // This node has nothing to do with it.
  await page.getByRole('heading', { level: 1, name: 'All is well on pve1' }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    expect(violations).toEqual([])
  }
  tree.remove(101)
  await card('pve2').getByText('All is well').waitFor()
})

test('a node whose agent does not answer is told as that', async () => {
  await agents[1]?.stop()
  const views = await clusterOf(0, found =>
    found.some(view => view.state === 'silent' && view.reason.includes('refused')),
  )
  expect(states(views)).toContain('pve1 answering')
  await card('pve2').getByText('does not answer').waitFor()
  await card('pve2').getByText('refused').waitFor()
  await card('pve1').getByText('All is well').waitFor()
  expect(await page.evaluate(() => 'isTheSamePage' in globalThis)).toBe(true)
  expect(await guestnet(at(0), 'status', '--cluster')).toExitWith(1)
})

/** Shows a certificate of its own, and tells what it is shown. */
const STRANGER = `
  const [key, cert] = process.argv.slice(1).map(file => require('node:fs').readFileSync(file))
  const show = socket => socket.on('error', () => undefined).pipe(process.stdout)
  require('node:tls').createServer({ key, cert }, show).listen(8068, '::')
`

test('who has the address of a node, and not its certificate, is shown no secret', async () => {
  const folder = lab.folder('stranger')
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const made = ['-subj', '/CN=pve2', '-keyout', key, '-out', cert]
  await run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...made])
  const stranger = at(1).spawn('stranger', process.execPath, ['-e', STRANGER, key, cert])
  await clusterOf(0, found =>
    found.some(view => view.state === 'silent' && view.reason.includes('certificate')),
  )
  await card('pve2').getByText('certificate').waitFor()
  expect(readFileSync(stranger.logFile, 'utf8')).toBe('')
})
