import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import type { LabContainer } from '../../lab/containers/container.ts'
import { containerOn } from '../../lab/containers/containerOn.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { Pings } from '../../lab/pings.ts'
import { WORLD } from '../../lab/router.ts'
import type { Report } from '../../src/core/report/report.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

let fabric: Fabric
let node: LabNode
let container: LabContainer

beforeAll(async () => {
  fabric = await Fabric.create('box', { nodes: ['pve1'], agents: false })
  node = fabric.at('pve1').node
  // A router that watches by BFD forgets a node whose BIRD ends at once: docs/failures.md.
  fabric.tree.policy(ANNOUNCING.replace(', bfd: true', ''))
  fabric.write('pve1', 100)
  // As pmxcfs has it: nothing else tells in a container which node this is.
  symlinkSync('nodes/pve1', join(fabric.tree.root, 'local'))
  await fabric.start('pve1', 100)
  container = containerOn(node)
  await container.start()
})
afterAll(async () => {
  await container?.stop().catch(() => undefined)
  await fabric?.lab.close()
})

/** What the guest is given; `undefined` if nobody answers within a second. */
async function leased(timeoutMs = 1000): Promise<string | undefined> {
  const lease = await withRawClient(node.guest(100).port(), client =>
    client.exchange({ timeoutMs, everyMs: 200 }),
  )
  return lease?.address
}

const isLeased = () =>
  eventually('the guest gets its address', async () => (await leased()) === '203.0.113.100', {
    timeoutMs: 30_000,
    dump: () => fabric.lab.dump(),
  })

/** What guestnet has in the node's network, by kind. */
async function present() {
  const lines = async (command: string, args: readonly string[]) =>
    (await node.attempt(command, args)).stdout
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
  return {
    tables: (await lines('nft', ['list', 'tables'])).filter(line => line.includes('guestnet')),
    // guestnet’s own, and that of its BIRD.
    routes: [
      ...new Set((await lines('ip', ['route', 'show', 'table', '100'])).map(line => line.split(' ')[0])),
    ],
    rules: (await lines('ip', ['rule'])).filter(line => line.startsWith('510')).length,
    links: (await lines('ip', ['-br', 'link'])).filter(line => line.startsWith('guestnet-')).length,
  }
}

describe('a container', () => {
  test('serves and announces the guests of its node, with the capabilities of compose.yml', async () => {
    await isLeased()
    await fabric.leadsTo(100, 'pve1')
    await fabric.pings(100)
    const { stdout } = await container.exec('status', '--output', 'json')
    const report = JSON.parse(stdout) as Report
    expect(report.node).toBe('pve1')
    expect(report.problems).toEqual([])
  })

  test('says that it is well', async () => {
    expect(await container.isHealthy()).toBe(true)
  })

  test('that is started again has lost nothing but what was asked meanwhile', async () => {
    const pings = Pings.start(fabric.router, { from: WORLD.ipv4, to: '203.0.113.100' })
    await container.stop()
    await container.start()
    await isLeased()
    await eventually('the session is up again', async () => {
      const { stdout } = await container.exec('status', '--output', 'json')
      return (JSON.parse(stdout) as Report).announcing?.peers.every(({ isUp }) => isUp)
    })
    await fabric.pings(100)
    const sent = await pings.stop()
    const lost = sent.filter(({ answered }) => !answered)
    expect(sent.length).toBeGreaterThan(0)
    if (!container.withdraws) expect(lost).toEqual([])
  })

  test('that is made anew has the leases of the former one', async () => {
    await container.stop()
    await container.start({ anew: true })
    const address = await eventually('the lease is known', async () => {
      const { stdout } = await container.exec('status', '--output', 'json')
      const nics = (JSON.parse(stdout) as Report).nics.filter(({ family }) => family === 'ipv4')
      return nics.find(({ vmid }) => vmid === 100)?.lease?.address
    })
    expect(address).toBe('203.0.113.100')
    await fabric.leadsTo(100, 'pve1')
  })
})

describe('a container that is stopped', () => {
  test('leaves the node’s tables, routes and rules; Kea, BIRD and their links end with it', async () => {
    await container.stop()
    // The kernel clears a namespace away, and its links with it, in its own time.
    await eventually('their links are gone', async () => (await present()).links === 0)
    expect(await present()).toEqual({
      tables: ['table netdev guestnet'],
      routes: ['203.0.113.100'],
      rules: 2,
      links: 0,
    })
  })

  test('leaves the guest without answers', async () => {
    expect(await leased()).toBeUndefined()
  })

  test('is cleared away by a last one, which tells what', async () => {
    const { exitCode, stdout } = await container.once('teardown')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('remove the nftables table netdev guestnet')
    expect(stdout).toMatch(/^keep the folder .*: leases/m)
    expect(await present()).toEqual({ tables: [], routes: [], rules: 0, links: 0 })
  })
})
