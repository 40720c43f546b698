import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAgent } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { ETHERTYPE, ethernet, rarp } from '../../lab/ether.ts'
import { eventually } from '../../lab/eventually.ts'
import { lostBesides, migrate } from '../../lab/migration.ts'
import type { LabNode } from '../../lab/node.ts'
import { type Ping, Pings } from '../../lab/pings.ts'
import type { LabProcess } from '../../lab/process.ts'
import { monotonicMs } from '../../lab/wire.ts'
import { createWorld, macOf, reportOf, runAgent, vm, type World } from './world.ts'

/** What an honest guest sends goes on passing, whatever happens around it. A host of the LAN asks it, 100 times a second. */

let world: World
let second: LabNode
let agent: LabProcess
const ADDRESSES = ['addr add 192.0.2.100/24 dev eth0', 'addr add 2001:db8:a::100/64 dev eth0 nodad']
const GUARD = 'guard: {mode: on}\n'
/** Nobody answers there, which is not what this is about. */
const ANNOUNCING = `announce:
  table: 100
  networks: [{bridge: vmbr0, prefixes: [192.0.2.100/32, "2001:db8:a::100/128"]}]
bgp:
  as: 65001
  peers: [{name: rtr01, address: "2001:db8:ffff::1", as: 65000}]
`

beforeAll(async () => {
  world = await createWorld({ prefix: 'lossless', nodes: ['pve1', 'pve2'] })
  const { lab, tree, lan, node } = world
  second = await lab.addNode('pve2', tree)
  await second.addBridge('vmbr0')
  await lan.connect(second, 'vmbr0')
  await lan.ip(['addr add 192.0.2.1/24 dev lan0', 'addr add 2001:db8:a::1/64 dev lan0 nodad'])
  tree.policy(GUARD)
  tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24,ip6=2001:db8:a::100/64' }))
  agent = await runAgent(world)
  startAgent(second)
  await (await node.start(100)).ip(ADDRESSES)
  await guarded()
  await answers()
})
afterAll(() => world?.lab.close())

async function guarded(where = world) {
  await reportOf(where, ({ guard }) => {
    const port = guard?.ports.find(({ vmid }) => vmid === 100)
    return port?.state === 'guarded'
  })
}

async function answers() {
  await eventually(
    'the guest answers',
    async () => {
      const asked = ['192.0.2.100', '2001:db8:a::100'].map(to =>
        world.lan.attempt('ping', ['-c1', '-W1', to]),
      )
      return (await Promise.all(asked)).every(({ exitCode }) => exitCode === 0)
    },
    { timeoutMs: 10_000, dump: () => world.lab.dump() },
  )
}

/** All pings that were sent meanwhile, of both families. */
async function pinging(act: () => Promise<unknown>): Promise<Ping[]> {
  const pings = [
    Pings.start(world.lan, { from: '192.0.2.1', to: '192.0.2.100', everyMs: 10 }),
    Pings.start(world.lan, { from: '2001:db8:a::1', to: '2001:db8:a::100', everyMs: 10 }),
  ]
  await act()
  await answers()
  // Those that were under way when it was ended have no answer; before them are some that came after the act.
  return (await Promise.all(pings.map(one => one.stop()))).flatMap(own =>
    own.slice(0, 1 + own.findLastIndex(({ answered }) => answered)),
  )
}

/** As Proxmox does it with a guest that runs: it notes what the guest was started with. */
function edit(from: string, to: string): void {
  world.tree.edit(100, text => {
    const [line = ''] = /^ipconfig0: .*$/m.exec(text) ?? []
    return `${text.replace(from, to)}\n[special:cloudinit]\n${line}\n`
  })
}

const lost = (pings: readonly Ping[]) => pings.filter(({ answered }) => !answered).length
const tableOf = (node: LabNode) => node.attempt('nft', ['list', 'table', 'netdev', `${node.agentName}.guard`])
const table = () => tableOf(world.node)

describe('an honest guest loses nothing', () => {
  test('when the guard is switched off, on, and over to reports', async () => {
    const pings = await pinging(async () => {
      for (const mode of ['off', 'on', 'report', 'on']) {
        world.tree.policy(`guard: {mode: ${mode}}\n`)
        await reportOf(world, ({ guard }) => (guard?.mode ?? 'off') === mode)
      }
      await guarded()
    })
    expect(pings.length).toBeGreaterThan(100)
    expect(lost(pings)).toBe(0)
  })

  test('when somebody flushes the whole ruleset, after which it is guarded again', async () => {
    const pings = await pinging(async () => {
      await world.node.run('nft', ['flush', 'ruleset'])
      await eventually('the table is there again', async () => (await table()).stdout.includes('tap100i0'))
    })
    expect(lost(pings)).toBe(0)
  })

  test('when its Kea is killed and replaced, and the agent stops and starts again', async () => {
    const pings = await pinging(async () => {
      const { servers } = await reportOf(world, told => told.servers.every(({ pid }) => pid !== undefined))
      for (const { pid } of servers) process.kill(Number(pid), 'SIGKILL')
      const killed = new Set(servers.map(({ pid }) => pid))
      await reportOf(world, told => told.servers.every(({ pid }) => pid !== undefined && !killed.has(pid)))
      await agent.stop(15_000)
      agent = await runAgent(world)
      await guarded()
    })
    expect(lost(pings)).toBe(0)
  })

  test('when it is announced, its BIRD is killed and replaced, and it is announced no longer', async () => {
    const birdOf = async (isWanted: (pid: number | undefined) => boolean) =>
      (await reportOf(world, ({ announcing }) => isWanted(announcing?.bird?.pid))).announcing?.bird?.pid
    const pings = await pinging(async () => {
      world.tree.policy(`${GUARD}${ANNOUNCING}`)
      const first = await birdOf(pid => pid !== undefined)
      process.kill(Number(first), 'SIGKILL')
      await birdOf(pid => pid !== undefined && pid !== first)
      await guarded()
      world.tree.policy(GUARD)
      await birdOf(pid => pid === undefined)
    })
    expect(pings.length).toBeGreaterThan(100)
    expect(lost(pings)).toBe(0)
  })

  test('when the table of another version is found, and made anew', async () => {
    const pings = await pinging(async () => {
      agent.signal('SIGKILL')
      await agent.exited
      const chain = ['netdev', `${world.node.agentName}.guard`, 'of-arp']
      await world.node.run('nft', ['insert', 'rule', ...chain, 'counter', 'comment', '"another version’s"'])
      agent = await runAgent(world)
      await eventually(
        'it is this version’s',
        async () => !(await table()).stdout.includes('another version'),
      )
      await guarded()
    })
    expect(lost(pings)).toBe(0)
  })

  test('while no agent runs, whatever happens meanwhile, and when one starts again', async () => {
    const pings = await pinging(async () => {
      agent.signal('SIGKILL')
      await agent.exited
      expect((await table()).stdout).toContain('192.0.2.100')
      world.tree.edit(100, text => text.replace('192.0.2.100', '192.0.2.150'))
      world.tree.write('pve1', 'qemu', 101, vm(101, { ip: '192.0.2.101/24' }))
      await world.node.start(101)
      await world.node.stop(101)
      agent = await runAgent(world)
      await eventually('the new address may leave', async () =>
        (await table()).stdout.includes('192.0.2.150'),
      )
    })
    expect(lost(pings)).toBe(0)
  })

  test('by its old address until it has leased the new one, and then no longer has it', async () => {
    expect((await table()).stdout).toMatch(/"tap100i0" \. 192\.0\.2\.100\b/)
    // It may use the new one a run of the line before a Kea offers that.
    await withRawClient(world.node.guest(100).port(), client =>
      eventually('it leases the new one', async () => (await client.exchange())?.address === '192.0.2.150'),
    )
    // What was leased is looked at when something else rings, or each minute.
    world.tree.edit(100, text => `${text}tags: looked\n`)
    await eventually(
      'the old address may not',
      async () => !/"tap100i0" \. 192\.0\.2\.100\b/.test((await table()).stdout),
    )
    world.tree.edit(100, text => text.replace('192.0.2.150', '192.0.2.100'))
    await eventually('it may again', async () =>
      /"tap100i0" \. 192\.0\.2\.100\b/.test((await table()).stdout),
    )
    await answers()
  })

  test('when it is edited, and migrates before it has leased the new address, but what its own pause costs', async () => {
    edit('192.0.2.100', '192.0.2.160')
    await eventually('both addresses pass', async () => (await table()).stdout.includes('192.0.2.160'))
    let migrated: Parameters<typeof lostBesides>[0] | undefined
    // A paused guest says nothing; the lab's, which has a kernel of its own, would, and draw the LAN to where it is not yet.
    await second.ip(['link set eno1 down'])
    const pings = await pinging(async () => {
      const moved = await migrate({
        vmid: 100,
        from: world.node,
        to: second,
        memory: ADDRESSES,
        copy: () => guarded({ ...world, node: second }),
      })
      await second.ip(['link set eno1 up'])
      const tap = await world.lab.wire().open(second.guest(100).netns, 'eth0')
      tap.send(ethernet({ from: macOf(100), type: ETHERTYPE.rarp }, rarp(macOf(100))))
      await answers()
      migrated = { ...moved, resumedAt: monotonicMs() }
    })
    expect(migrated && lostBesides(migrated, pings)).toBe(0)
    await guarded({ ...world, node: second })
    for (const address of ['192.0.2.100', '192.0.2.160'])
      expect((await tableOf(second)).stdout).toContain(address)
    await eventually('nothing is left of it here', async () => !(await table()).stdout.includes('tap100i0'))
  })
})
