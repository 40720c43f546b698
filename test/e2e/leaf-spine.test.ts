import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Report } from '../../src/core/report/report.ts'
import { LEAF_SPINE_POLICY, LeafSpine } from './leafSpine.ts'

let fabric: LeafSpine

beforeAll(async () => {
  fabric = await LeafSpine.create()
  for (const vmid of [100, 101, 102]) {
    fabric.write('pve1', vmid)
    await fabric.start('pve1', vmid)
  }
})
afterAll(() => fabric?.lab.close())

interface FrrPath {
  readonly path: string
  readonly community?: { readonly string: string }
}

/** How leaf1 was told of a guest, straight from its node. */
async function toldLeaf1(address: string): Promise<FrrPath | undefined> {
  const { paths = [] } = JSON.parse(
    await fabric.leaf1.frr.show(`show bgp ipv4 unicast ${address}/32 json`),
  ) as { paths?: { aspath: { string: string }; community?: { string: string }; peer: { peerId: string } }[] }
  const own = paths.find(({ peer }) => peer.peerId === '2001:db8:1::2')
  return own && { path: own.aspath.string, ...(own.community && { community: own.community }) }
}

test('a node with two leaf switches spreads its guests’ traffic over both', async () => {
  for (const family of ['-4', '-6']) {
    await eventually(`${family}: two next hops`, async () => {
      const [route] = await fabric.nodes.pve1.ipJson<{ nexthops?: { dev: string }[] }>(
        family,
        ...['route', 'show', 'default', 'table', '101'],
      )
      const links = (route?.nexthops ?? []).map(({ dev }) => dev).toSorted()
      return links.join() === 'up1,up2' || Promise.reject(new Error(JSON.stringify(route)))
    })
  }
})

test('each leaf switch is told what the policy’s rules say', async () => {
  await eventually(
    'leaf1 knows 100 and 101',
    async () => (await toldLeaf1('203.0.113.100')) && (await toldLeaf1('203.0.113.101')),
  )
  expect(await toldLeaf1('203.0.113.100')).toEqual({ path: '4220000001' })
  expect(await toldLeaf1('203.0.113.101')).toEqual({
    path: '4220000001 4220000001 4220000001',
    community: expect.objectContaining({ string: '65000:100' }) as object,
  })
  const route = await eventually('leaf2 knows 102', () => leaf2Knows('203.0.113.102'))
  expect(route).not.toContain('65000,100')
  expect(await leaf2Knows('203.0.113.101')).toMatch(
    /BGP.as_path: 4220000001[\s\S]*BGP.community: \(65000,100\)/,
  )
  expect(await toldLeaf1('203.0.113.102')).toBeUndefined()
})

async function leaf2Knows(address: string): Promise<string | undefined> {
  const told = await fabric.leaf2.birdc('show', 'route', 'for', `${address}/32`, 'protocol', 'node1', 'all')
  return told.includes(`${address}/32`) ? told : undefined
}

describe('a black hole', () => {
  const until = (time: number) => {
    const text = `${new Date(time).toISOString().slice(0, 19)}Z`
    fabric.tree.policy(`${LEAF_SPINE_POLICY}  blackholes: [{vmid: 102, until: "${text}"}]\n`)
  }
  const isHole = async () => /BGP.community:.*\(65535,666\)/.test((await leaf2Knows('203.0.113.102')) ?? '')
  const dropped = async () => {
    const families = await Promise.all(
      ['-4', '-6'].map(family =>
        fabric.nodes.pve1.ipJson<{ dst: string }>(
          family,
          'route',
          'show',
          'table',
          '100',
          'type',
          'blackhole',
        ),
      ),
    )
    return families.flat().map(({ dst }) => dst)
  }

  test('is told to routers, and this node drops what comes all the same', async () => {
    await fabric.pings(102)
    until(Date.now() + 3_600_000)
    await eventually('leaf2 is told', isHole)
    await eventually('both addresses are dropped', async () => (await dropped()).length === 2)
    expect(await dropped()).toEqual(['203.0.113.102', '2001:db8:a::102'])
    const { exitCode } = await fabric.spine.place.attempt('ping', [
      '-c',
      '1',
      '-W',
      '1',
      '-I',
      '198.51.100.1',
      '203.0.113.102',
    ])
    expect(exitCode).not.toBe(0)
    const { stdout } = await inText(fabric.nodes.pve1, ['explain', '102'])
    expect(stdout).toContain('routers are asked to drop what is sent to 203.0.113.102/32 until')
  })

  test('outlives the guest, and ends by itself', async () => {
    await fabric.nodes.pve1.stop(102)
    await eventually('the agent knows that it stopped', async () => {
      const { nics } = JSON.parse((await guestnet(fabric.nodes.pve1, 'status')).stdout) as Report
      return nics.every(({ vmid, state }) => vmid !== 102 || state !== 'served')
    })
    expect(await isHole()).toBe(true)
    until(Date.now() + 3000)
    await eventually('it is withdrawn', async () => (await leaf2Knows('203.0.113.102')) === undefined)
    await eventually('nothing is dropped any more', async () => (await dropped()).length === 0)
    await fabric.start('pve1', 102)
    await fabric.pings(102)
  })
})

describe('a guest that left a node whose agent is dead', () => {
  test('is found at every hop as soon as its port there is gone, whatever the routers heed', async () => {
    const { leaf1, leaf2, spine } = fabric
    await fabric.pings(100)
    // Routers that know no better: the first leaf's own path is the shorter one, and to the spine both are the same.
    await fabric.leads(leaf1, 100, 'node1')
    await fabric.leads(spine, 100, 'leaf1')
    fabric.agents.pve1.signal('SIGKILL')
    await fabric.agents.pve1.exited
    await fabric.start('pve2', 100)
    fabric.tree.move(100, 'pve2')
    await fabric.leads(leaf2, 100, 'node2')
    await fabric.leads(leaf1, 100, 'node1')
    await fabric.nodes.pve1.stop(100)
    await fabric.leads(leaf1, 100, 'spine')
    await fabric.leads(spine, 100, 'leaf2')
    await fabric.pings(100)
  })

  test('is found even while its port there is up, once the routers heed when it arrived', async () => {
    const { leaf1, leaf2, spine } = fabric
    await fabric.start('pve1', 100)
    await fabric.leads(leaf1, 100, 'node1')
    await configureRouters()
    await fabric.leads(leaf2, 100, 'node2')
    await fabric.leads(leaf1, 100, 'spine')
    await fabric.leads(spine, 100, 'leaf2')
    await fabric.pings(100)
  })
})

/** As administrators of the routers do who follow what the snippets say. */
async function configureRouters(): Promise<void> {
  const { leaf1, leaf2, spine, nodes } = fabric
  const snippet = async (daemon: string) =>
    (await inText(nodes.pve2, ['bgp', 'config', '--for-router', daemon])).stdout
  const frr = await snippet('frr')
  for (const [router, as, neighbours] of [
    [leaf1, 65_101, ['2001:db8:1::2', '2001:db8:4::1']],
    [spine, 65_100, ['2001:db8:4::2', '2001:db8:5::2']],
  ] as const) {
    const families = ['ipv4', 'ipv6'].map(
      family => ` address-family ${family} unicast
${neighbours.map(neighbour => `  neighbor ${neighbour} route-map guestnet-arrival in`).join('\n')}
 exit-address-family`,
    )
    await router.frr.configure(`${frr}\nrouter bgp ${as}\n${families.join('\n')}\nexit\n`)
  }
  const text = readFileSync(leaf2.config, 'utf8')
  const filter = 'import filter { guestnet_arrival(); accept; };'
  writeFileSync(leaf2.config, `${await snippet('bird')}\n${text.replaceAll('import all;', filter)}`)
  expect(await leaf2.birdc('configure')).toContain('Reconfigured')
}
