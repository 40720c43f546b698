import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { commonOptions, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Outcome } from '../../lab/process.ts'
import { birdPaths } from '../../src/bird/paths.ts'
import type { Report } from '../../src/core/report/report.ts'
import { markOf } from '../../src/core/routing/mark.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, vm, type World } from './world.ts'

/** Two guestnets on one node, and what is neither's: each touches what bears its own mark in full, and nothing else. */

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'two', plain: true })
  await world.node.addBridge('vmbr1')
  world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '203.0.113.100/32', gw: '172.31.1.1' }))
  world.tree.write(
    'pve1',
    'qemu',
    101,
    vm(101, { ip: '198.51.100.101/32', gw: '172.31.1.1' }).replace('vmbr0', 'vmbr1'),
  )
  await world.node.startAll([100, 101])
})
afterAll(() => world?.lab.close())
afterEach(async () => {
  for (const instance of [FIRST, SECOND]) await guestnet(instance, 'teardown', '--purge')
})

interface Instance {
  readonly suffix: string
  readonly policy: string
}

const FIRST: Instance = {
  suffix: '',
  policy:
    'dhcp: {enabled: false}\nannounce: {table: 100, networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24]}]}\nbgp: {as: 65001, peers: [{name: rtr01, address: 192.0.2.1, as: 65000}]}\n',
}
const SECOND: Instance = {
  suffix: 'b',
  policy:
    'dhcp: {enabled: false}\nannounce: {table: 200, networks: [{bridge: vmbr1, prefixes: [198.51.100.0/24]}]}\nbgp: external\n',
}

/** The first's policy, and its mark, but a name of its own. */
const TWIN: Instance = { suffix: 't', policy: SECOND.policy }

/** The lab's name is by chance, and one name in eighty has the mark of another: the second's is another's, the twin's is the same. */
function nameOf(suffix: string): string {
  const { agentName } = world.node
  const others = Array.from({ length: 10_000 }, (_, number) => `${agentName}${suffix}${number}`)
  const isTwin = suffix === TWIN.suffix
  const found = others.find(name => (markOf(name) === markOf(agentName)) === isTwin)
  if (found === undefined) throw new Error(`no name for ${suffix}`)
  return suffix === '' ? agentName : found
}

/** Runs a verb of an instance, which has its own name, folders and policy. */
async function guestnet({ suffix, policy }: Instance, verb: string, ...args: string[]): Promise<Outcome> {
  const { node, tree } = world
  const file = `policy${suffix}.yaml`
  tree.writeFile(file, policy)
  const options = commonOptions({
    ...node,
    name: node.name,
    tree,
    runDir: node.runDir + suffix,
    stateDir: node.stateDir + suffix,
    agentName: nameOf(suffix),
  } as typeof node)
  const command = [join(process.cwd(), 'dist/guestnet.js'), verb, ...args, ...options]
  return await node.attempt(process.execPath, [
    ...command,
    '--config',
    join(tree.root, file),
    '--output',
    'json',
  ])
}

/** What the kernel has that may be of either. */
async function kernel(table: number): Promise<string[]> {
  const { node } = world
  const lists = await Promise.all([
    node.attempt('ip', ['-N', 'route', 'show', 'table', String(table)]),
    node.attempt('ip', [
      '-N',
      'neighbour',
      'show',
      'nud',
      'permanent',
      'dev',
      table === 100 ? 'vmbr0' : 'vmbr1',
    ]),
    node.attempt('ip', ['-N', 'rule']),
  ])
  return lists.flatMap(({ stdout }, index) => {
    const lines = stdout.split('\n').filter(Boolean)
    const isOfTable = (line: string) => new RegExp(`lookup ${table}\\b|lookup ${table + 1}\\b`).test(line)
    return index === 2 ? lines.filter(isOfTable) : lines
  })
}

test('neither takes anything of the other’s, nor does its teardown', async () => {
  expect(await guestnet(FIRST, 'apply')).toExitWith(0)
  const first = await kernel(100)
  expect(first.join()).toContain('203.0.113.100')
  expect(await guestnet(SECOND, 'apply')).toExitWith(0)
  expect(await kernel(100)).toEqual(first)
  const second = await kernel(200)
  expect(second.join()).toContain('198.51.100.101')
  expect(await guestnet(FIRST, 'apply')).toExitWith(0)
  expect(await kernel(200)).toEqual(second)
  expect(await guestnet(FIRST, 'teardown')).toExitWith(0)
  expect(await kernel(200)).toEqual(second)
  expect(await kernel(100)).toEqual([])
})

test('one in the other’s table is refused, and says whose it is', async () => {
  await guestnet(FIRST, 'apply')
  const before = await kernel(100)
  const intruder = { ...SECOND, policy: FIRST.policy.replace(/bgp.*\n/, 'bgp: external\n') }
  await guestnet(intruder, 'apply')
  const { problems } = JSON.parse((await guestnet(intruder, 'status')).stdout) as Report
  expect(problems.map(({ message }) => message).join()).toContain(
    'routing table 100 already holds routes of another guestnet',
  )
  expect(await kernel(100)).toEqual(before)
})

test('what somebody else marked with the same number survives elsewhere, and with another metric', async () => {
  const { node } = world
  const theirs = [
    'route add 192.0.2.7/32 dev vmbr0 table 300 proto 103 metric 1',
    'route add 192.0.2.8/32 dev vmbr0 table 100 proto 103 metric 9',
    'rule add pref 77 lookup 300 protocol 103',
  ]
  await node.ip(theirs)
  const look = async () => [
    await node.run('ip', ['-N', 'route', 'show', 'table', '300']),
    (await node.run('ip', ['-N', 'route', 'show', 'table', '100'])).includes('192.0.2.8'),
    (await node.run('ip', ['rule'])).includes('77:'),
  ]
  const before = await look()
  await guestnet(FIRST, 'apply')
  expect(await look()).toEqual(before)
  await guestnet(FIRST, 'teardown')
  expect(await look()).toEqual(before)
  await node.ip(theirs.map(line => line.replace(' add ', ' del ')))
})

test('one whose name has the mark of another is refused by every verb that would touch it, and told which and what to do', async () => {
  expect(await guestnet(FIRST, 'apply')).toExitWith(0)
  const first = await kernel(100)
  const why = `the name ${nameOf(TWIN.suffix)} has the same mark in the kernel, ${markOf(world.node.agentName)}, as ${world.node.agentName}, which does not run but has set up what is here`
  for (const verb of ['run', 'apply', 'plan', 'status', 'teardown']) {
    const { exitCode, stderr } = await guestnet(TWIN, verb)
    expect([verb, exitCode, stderr]).toEqual([verb, 1, expect.stringContaining(why)])
    expect(stderr).toContain('Give this instance another --name')
  }
  const checks = JSON.parse((await guestnet(TWIN, 'doctor', '--listen', '0')).stdout) as Check[]
  expect(checks.find(({ name }) => name === 'mark in the kernel')).toMatchObject({
    state: 'bad',
    detail: expect.stringContaining(why),
  })
  expect(await kernel(100)).toEqual(first)
  expect(await kernel(200)).toEqual([])
})

test('an agent whose mark another agent has says who that is; the mark is free once the other is torn down', async () => {
  const { node } = world
  world.tree.writeFile('policy.yaml', FIRST.policy)
  const agent = startAgent(node, { args: ['--config', join(world.tree.root, 'policy.yaml')] })
  const first = await eventually('its routes are there, and those of its BIRD', async () => {
    const lines = await kernel(100)
    const isThere = (what: string) => lines.some(line => line.includes(what))
    return isThere('metric 1 ') && isThere('metric 32') && isThere('lladdr') && isThere('5101:') && lines
  })
  const { exitCode, stderr } = await guestnet(TWIN, 'run')
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(`${node.agentName}, which runs on this node as process ${agent.pid}`),
  ])
  expect(await kernel(100)).toEqual(first)
  await agent.stop()
  expect(await guestnet(FIRST, 'teardown', '--purge')).toExitWith(0)
  expect(await guestnet(TWIN, 'apply')).toExitWith(0)
  expect((await kernel(200)).join()).toContain('198.51.100.101')
  expect(await guestnet(TWIN, 'teardown', '--purge')).toExitWith(0)
})

/** Nothing forwards here, no agent runs, and nobody is at the peer's address. */
const TRUE_HERE = new Set<string>(['agent-down', 'forwarding-off', 'peer-down'])

test('BIRD’s folder is lost while its routes are in the kernel: the next BIRD takes them over', async () => {
  const { node } = world
  await guestnet(FIRST, 'apply')
  const { announcing } = JSON.parse((await guestnet(FIRST, 'status')).stdout) as Report
  await node.ip(['route add 192.0.2.9/32 dev vmbr0 table 101 proto bird metric 32'])
  process.kill(announcing?.bird?.pid ?? Number.NaN, 'SIGKILL')
  rmSync(birdPaths(node.runDir).folder, { recursive: true })
  await eventually('it heals', async () => {
    await guestnet(FIRST, 'apply')
    const report = JSON.parse((await guestnet(FIRST, 'status')).stdout) as Report
    const isWell = report.problems.every(({ code }) => TRUE_HERE.has(code))
    return report.announcing?.bird?.state === 'running' && isWell
  })
  expect(await guestnet(FIRST, 'teardown')).toExitWith(0)
  expect((await node.attempt('ip', ['route', 'show', 'table', '101'])).stdout.trim()).toBe('')
})
