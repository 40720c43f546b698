import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, inText, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { HEALTH_CODES } from '../../src/core/report/health.ts'
import type { Report } from '../../src/core/report/report.ts'
import { markOf } from '../../src/core/routing/mark.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, vm, type World } from './world.ts'

/** What keeps a guest from being announced, how that is told, and that it ends when its cause does. */

let world: World

const ANNOUNCE = 'announce: {table: 100, networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24]}]}'
const OWN = 'bgp: {as: 65001, peers: [{name: rtr01, address: 192.0.2.1, as: 65000}]}'

beforeAll(async () => {
  world = await createWorld({ prefix: 'not', plain: true })
  world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '203.0.113.100/32', gw: '172.31.1.1' }))
  await world.node.start(100)
})
afterAll(() => world?.lab.close())
afterEach(async () => void (await guestnet(world.node, 'teardown')))

async function report(): Promise<Report> {
  return JSON.parse((await guestnet(world.node, 'status')).stdout) as Report
}

/** `code: message` of each problem, but for what is down as long as there is no agent, no router and no forwarding here. */
async function problems(): Promise<string[]> {
  const down: readonly string[] = [...HEALTH_CODES, 'agent-down']
  const all = (await report()).problems.filter(({ code }) => !down.includes(code))
  return all.map(({ code, message }) => `${code}: ${message}`)
}

/** Whether the guest's address leads to it. */
async function isRouted(): Promise<boolean> {
  const routes = await world.node.ipJson<{ dst: string; protocol: string }>('route', 'show', 'table', 'all')
  return routes.some(
    ({ dst, protocol }) => dst === '203.0.113.100' && protocol === String(markOf(world.node.agentName)),
  )
}

describe('routes of somebody else’s BIRD', () => {
  test.each([
    [100, OWN, 'refused'],
    [101, OWN, 'refused'],
    [100, 'bgp: external', 'refused'],
    // There an administrator's daemon may put the guests' way out.
    [101, 'bgp: external', 'welcome'],
    [102, OWN, 'welcome'],
  ])('in table %i with %s are %s', async (table, bgp, how) => {
    const { node, tree } = world
    tree.policy(`${ANNOUNCE}\n${bgp}\n`)
    await node.ip([`route add 203.0.113.128/25 dev vmbr0 table ${table} proto bird`])
    try {
      const taken = `table-taken: Nothing is announced, because routing table ${table} already holds routes of somebody else's BIRD.`
      expect(await problems()).toEqual(how === 'refused' ? [taken] : [])
      const checks = JSON.parse((await guestnet(node, 'doctor', '--listen', '0')).stdout) as Check[]
      const check = checks.find(({ name }) => name === `routing table ${table}`)
      expect(check?.state).toBe(how === 'refused' ? 'bad' : undefined)
      await guestnet(node, 'apply')
      expect(await isRouted()).toBe(how === 'welcome')
    } finally {
      await node.ip([`route del 203.0.113.128/25 dev vmbr0 table ${table}`])
    }
  })
})

test('somebody else’s route in a guest’s place is told, left alone, and replaced once it is gone', async () => {
  const { node, tree } = world
  tree.policy(`${ANNOUNCE}\n`)
  const theirs = 'route add blackhole 203.0.113.100/32 table 100 proto static metric 1'
  await node.ip([theirs])
  await guestnet(node, 'apply')
  expect(await problems()).toEqual([
    "routing-obstacle: In the way of a guest: table 100 has a route to 203.0.113.100/32 that is not guestnet's (protocol 4, metric 1): remove it, or give guestnet another table.",
  ])
  expect(await isRouted()).toBe(false)
  await node.ip([theirs.replace('add', 'del')])
  await guestnet(node, 'apply')
  expect(await problems()).toEqual([])
  expect(await isRouted()).toBe(true)
})

test('a node without an AS number is told, and its guests are routed all the same', async () => {
  world.tree.policy(`${ANNOUNCE}\n${OWN.replace('65001', '{pve9: 65001}')}\n`)
  await guestnet(world.node, 'apply')
  expect(await problems()).toEqual([
    'bird-failed: The policy has no AS number for node pve1, so nothing is told to BGP from here.',
  ])
  expect(await isRouted()).toBe(true)
})

test('a BIRD that does not start is told, keeps nothing else from working, and is tried until it does', async () => {
  const { node, tree } = world
  const [bird = ''] = (await node.run('which', ['bird'])).split('\n')
  await node.run('mount', ['--bind', '/bin/false', bird])
  tree.policy(`${ANNOUNCE}\n${OWN}\n`)
  const agent = startAgent(node)
  try {
    const told = await eventually('it is told', async () => (await problems())[0], {
      dump: () => world.lab.dump(),
    })
    expect(told).toContain('bird-failed: Could not start BIRD')
    expect(await isRouted()).toBe(true)
    const { exitCode, stdout } = await inText(node, ['explain', '100'])
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: expect.stringContaining('BIRD is not running'),
    })
    // Repairs do not wait for it.
    await node.ip(['route del 203.0.113.100/32 table 100'])
    await eventually('the route comes back', isRouted, { dump: () => world.lab.dump() })
    await node.run('umount', [bird])
    await eventually('BIRD runs', async () => (await report()).announcing?.bird?.state === 'running', {
      timeoutMs: 30_000,
      dump: () => world.lab.dump(),
    })
    await eventually('nothing is told any more', async () => (await problems()).length === 0, {
      dump: () => world.lab.dump(),
    })
  } finally {
    await node.attempt('umount', [bird])
    await agent.stop(15_000)
  }
})
