import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

/** As BIRD shows GRACEFUL_SHUTDOWN (RFC 8326). */
const GRACEFUL_SHUTDOWN = '(65535,0)'
const ADDRESSES = ['203.0.113.100/32', '2001:db8:a::100/128']

let fabric: Fabric
let node: LabNode

beforeAll(async () => {
  fabric = await Fabric.create('drn', { nodes: ['pve1'] })
  node = fabric.at('pve1').node
  fabric.write('pve1', 100)
  await fabric.start('pve1', 100)
  await routerHas(ADDRESSES)
})
afterAll(() => fabric?.lab.close())

/** What the router has from the node, in full. */
function routes(): Promise<string> {
  return fabric.router.birdc('show', 'route', 'all', 'protocol', 'node1')
}

async function prefixes(): Promise<string[]> {
  return [...(await routes()).matchAll(/^(?:\d+\.|2001:)\S+/gm)].map(([prefix]) => prefix)
}

async function routerHas(expected: readonly string[]): Promise<void> {
  await eventually(
    `the router has ${expected.join(' and ') || 'nothing'}`,
    async () => (await prefixes()).join() === expected.join(),
    { timeoutMs: 30_000, dump: async () => `${await routes()}\n${await fabric.lab.dump()}` },
  )
}

async function farewells(): Promise<number> {
  return (await routes()).split(GRACEFUL_SHUTDOWN).length - 1
}

describe('with an agent', () => {
  test('others are preferred first, then nothing is announced', async () => {
    expect(await farewells()).toBe(0)
    const drain = inText(node, ['drain', '--grace', '3'])
    await eventually('both carry the community', async () => (await farewells()) === ADDRESSES.length)
    expect(await prefixes()).toEqual(ADDRESSES)
    const { exitCode, stdout, stderr } = await drain
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      'leaving: 2 prefixes to rtr01, now as paths of last resort (GRACEFUL_SHUTDOWN)',
      'waiting 3 s for the peers to move their traffic',
      'left: nothing is announced from this node any more (guestnet undrain)',
    ])
    await routerHas([])
  })

  test('a node stays drained when its agent starts anew, and status says so', async () => {
    await fabric.restartAgent('pve1')
    await eventually('status tells', async () =>
      (await inText(node, ['status'])).stdout.includes('DRAINED: nothing is announced (guestnet undrain)'),
    )
    await routerHas([])
    const { exitCode, stdout } = await inText(node, ['drain'])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('left:') })
  })

  test('undrain takes it back, without the community', async () => {
    const { exitCode, stdout } = await inText(node, ['undrain'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'drained no more: 2 prefixes to rtr01' })
    await routerHas(ADDRESSES)
    expect(await farewells()).toBe(0)
    expect((await inText(node, ['undrain'])).stdout).toContain('this node was not drained')
  })

  test('a drain goes on when the agent is restarted meanwhile', async () => {
    const drain = guestnet(node, 'drain', '--grace', '3')
    await eventually('it has begun', async () => (await farewells()) > 0)
    await fabric.restartAgent('pve1')
    const { exitCode, stdout } = await drain
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ drained: 'left', peers: [{ peer: 'rtr01', isUp: true }] })
    await routerHas([])
    expect(await inText(node, ['undrain'])).toExitWith(0)
    await routerHas(ADDRESSES)
  })
})

describe('without an agent', () => {
  beforeAll(() => fabric.endAgent('pve1', 'SIGTERM'))

  test('drain and undrain do by themselves what is needed', async () => {
    const { exitCode, stderr } = await inText(node, ['drain', '--grace', '0'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    await routerHas([])
    expect(await inText(node, ['undrain'])).toExitWith(0)
    await routerHas(ADDRESSES)
  })
})

describe('where a drain changes nothing, it says why', () => {
  test.each([
    ['nothing is announced', 'dhcp: {}\n', 'nothing is announced from this node'],
    ['BGP is somebody else’s', ANNOUNCING.replace(/bgp:.*/s, 'bgp: external\n'), 'by your own daemon'],
  ])('%s', async (_, policy, reason) => {
    fabric.tree.policy(policy)
    const { exitCode, stderr } = await inText(node, ['drain'])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) })
  })

  test('a grace that is none is refused', async () => {
    const { exitCode, stderr } = await inText(node, ['drain', '--grace', 'soon'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('It must be a number of seconds')
  })
})
