import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { PATIENCE } from '../../lab/patience.ts'
import type { LabProcess } from '../../lab/process.ts'
import { createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

/** The same promises hold with inotify on a plain tree and with nothing but polling on one kept as pmxcfs does. */
const KINDS = [
  { kind: 'a plain tree, watched', plain: true, args: [] as string[] },
  { kind: 'a tree with .version, polled', plain: false, args: ['--watch', 'poll'] },
]

describe.each(KINDS)('on $kind', ({ plain, args }) => {
  let world: World
  let agent: LabProcess

  beforeAll(async () => {
    world = await createWorld({ prefix: 'react', plain, nodes: ['pve1', 'pve2'] })
    const { tree, node } = world
    for (const vmid of [100, 101, 102]) {
      tree.write('pve1', 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1' }))
    }
    await node.startAll([100, 101])
    agent = await runAgent(world, { args })
    await served(world, 100, 101)
  })
  afterAll(() => world?.lab.close())

  async function offered(vmid: number, address: string) {
    await withRawClient(world.node.guest(vmid).port(), async client => {
      const probe = await client.probe({
        everyMs: 20,
        timeoutMs: 10_000,
        until: lease => lease.address === address,
      })
      if (!probe) throw new Error(`${vmid} was never offered ${address}\n${await world.lab.dump()}`)
    })
  }

  async function silent(vmid: number) {
    await eventually('the guest is offered nothing', async () => {
      const answer = await withRawClient(world.node.guest(vmid).port(), client =>
        client.discover({ timeoutMs: 300, everyMs: 50 }),
      )
      return answer === undefined
    })
  }

  test('an edited address arrives, and the former one is free for another guest at once', async () => {
    await withRawClient(world.node.guest(100).port(), client => client.exchange())
    world.tree.edit(100, text => text.replace('192.0.2.100/24', '192.0.2.200/24'))
    await offered(100, '192.0.2.200')
    world.tree.edit(101, text => text.replace('192.0.2.101/24', '192.0.2.100/24'))
    await offered(101, '192.0.2.100')
    world.tree.edit(101, text => text.replace('192.0.2.100/24', '192.0.2.101/24'))
    await offered(101, '192.0.2.101')
    world.tree.edit(100, text => text.replace('192.0.2.200/24', '192.0.2.100/24'))
    await offered(100, '192.0.2.100')
  })

  test('a file written in place is never taken for an empty one', async () => {
    const { path } = world.tree.find(100)
    await world.tree.writeInPlace(
      'pve1',
      'qemu',
      100,
      vm(100, { ip: '192.0.2.150/24', gw: '192.0.2.1' }),
      300,
    )
    expect(path).toContain('100.conf')
    await offered(100, '192.0.2.150')
    const { nics } = await reportOf(world)
    expect(nics.map(({ vmid }) => vmid)).toEqual([100, 101, 102])
    world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
    await offered(100, '192.0.2.100')
  })

  test('a guest that starts is served, by a change of nftables only', async () => {
    const before = (await reportOf(world)).servers
    await world.node.start(102)
    await offered(102, '192.0.2.102')
    await world.node.stop(102)
    await reportOf(world, ({ nics }) => nics.some(({ vmid, state }) => vmid === 102 && state === 'stopped'))
    expect((await reportOf(world)).servers).toEqual(before)
  })

  test('a link that is made anew under the same name is served again', async () => {
    await world.node.unplug(101, 0)
    await world.node.hotplug(101, 0)
    await offered(101, '192.0.2.101')
  })

  test('ip=dhcp takes the offer back, a static address brings it again', async () => {
    world.tree.edit(101, text => text.replace('ip=192.0.2.101/24,gw=192.0.2.1', 'ip=dhcp'))
    await silent(101)
    world.tree.edit(101, text => text.replace('ip=dhcp', 'ip=192.0.2.101/24,gw=192.0.2.1'))
    await offered(101, '192.0.2.101')
  })

  test('many edits at once end in what was written last', async () => {
    for (let turn = 1; turn <= 20; turn++) {
      world.tree.edit(100, text => text.replace(/ip=[0-9.]+/, `ip=192.0.2.${turn + 20}`))
    }
    await offered(100, '192.0.2.40')
    world.tree.edit(100, text => text.replace(/ip=[0-9.]+/, 'ip=192.0.2.100'))
    await offered(100, '192.0.2.100')
  })

  test('a policy that excludes the bridge ends serving, its absence brings it back', async () => {
    world.tree.policy('dhcp:\n  exclude: [{bridge: vmbr0}]\n')
    await silent(100)
    world.tree.policy('dhcp:\n  exclude: [{bridge: vmbr0, tag: 9}]\n')
    await offered(100, '192.0.2.100')
  })

  test('an invalid policy leaves the last good one in force and says where it is wrong', async () => {
    world.tree.policy('dhcp:\n  lease: sometimes\n  colour: red\n')
    const report = await reportOf(world, ({ policy }) => policy === 'last-good')
    const invalid = report.problems.filter(({ code }) => code === 'policy-invalid')
    expect(invalid.map(({ line }) => line)).toEqual([2, 3])
    await offered(100, '192.0.2.100')
    world.tree.policy('dhcp: {}\n')
    await reportOf(world, ({ policy }) => policy === 'file')
  })

  test('the Notes of a guest exclude it', async () => {
    const block = ['```guestnet', 'dhcp: false', '```'].map(line => `#${encodeURIComponent(line)}\n`).join('')
    world.tree.edit(100, text => `${block}${text}`)
    await silent(100)
    world.tree.edit(100, text => text.replace(block, ''))
    await offered(100, '192.0.2.100')
  })

  test('the tree disappears: what is served stays; it comes back: changes arrive', async () => {
    const { root } = world.tree
    const hidden = `${root}-hidden`
    renameSync(root, hidden)
    mkdirSync(root)
    const report = await reportOf(world, ({ complete }) => !complete)
    expect(report.problems.map(({ code }) => code)).toContain('cluster-unreadable')
    await offered(100, '192.0.2.100')
    renameSync(root, `${root}-empty`)
    renameSync(hidden, root)
    world.tree.edit(100, text => text.replace('192.0.2.100/24', '192.0.2.222/24'))
    await offered(100, '192.0.2.222')
    world.tree.edit(100, text => text.replace('192.0.2.222/24', '192.0.2.100/24'))
    await offered(100, '192.0.2.100')
  })

  test('a restarted pmxcfs, whose counters start over, changes nothing and hides nothing', async () => {
    if (!plain) world.tree.restartPmxcfs()
    world.tree.edit(100, text => text.replace('192.0.2.100/24', '192.0.2.233/24'))
    await offered(100, '192.0.2.233')
    world.tree.edit(100, text => text.replace('192.0.2.233/24', '192.0.2.100/24'))
    await offered(100, '192.0.2.100')
  })

  test('a conflicting guest is refused while the other one is served', async () => {
    world.tree.write('pve1', 'qemu', 90, vm(90, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
    const report = await reportOf(world, ({ problems }) => problems.length > 0)
    expect(report.problems).toMatchObject([{ code: 'address-duplicate', vmid: 90 }])
    await world.node.start(90)
    await silent(90)
    await offered(100, '192.0.2.100')
    await world.node.stop(90)
    world.tree.remove(90)
    await reportOf(world, ({ problems }) => problems.length === 0)
  })

  test('a guest on its way in is served before its configuration arrives', async () => {
    world.tree.write('pve2', 'qemu', 300, vm(300, { ip: '192.0.2.30/24', gw: '192.0.2.1' }))
    await world.node.start(300)
    await offered(300, '192.0.2.30')
    await world.node.stop(300)
    world.tree.remove(300)
  })

  test('leases outlive the agent, killed, and a change made meanwhile arrives', async () => {
    await withRawClient(world.node.guest(101).port(), client => client.exchange())
    const leaseOf = (report: { nics: readonly { vmid: number; lease?: { since: number } }[] }) =>
      report.nics.find(({ vmid }) => vmid === 101)?.lease
    const before = leaseOf(await reportOf(world, report => leaseOf(report) !== undefined))
    agent.signal('SIGKILL')
    await agent.exited
    await offered(101, '192.0.2.101')
    world.tree.edit(100, text => text.replace('192.0.2.100/24', '192.0.2.199/24'))
    agent = await runAgent(world, { args })
    await offered(100, '192.0.2.199')
    const after = leaseOf(await reportOf(world))
    expect(after?.since).toBe(before?.since)
  })
})

test('an address that a stopped clone claims stays with the guest that runs', async () => {
  const world = await createWorld({ prefix: 'clone' })
  try {
    const { tree, node } = world
    tree.write('pve1', 'qemu', 500, vm(500, { ip: '192.0.2.50/24', gw: '192.0.2.1' }))
    await node.start(500)
    await runAgent(world)
    await served(world, 500)
    tree.write('pve1', 'qemu', 400, vm(400, { ip: '192.0.2.50/24', gw: '192.0.2.1' }))
    const { problems } = await reportOf(world, report => report.problems.length > 0)
    expect(problems).toMatchObject([{ code: 'address-duplicate', vmid: 400 }])
    const lease = await withRawClient(node.guest(500).port(), client => client.exchange())
    expect(lease?.address).toBe('192.0.2.50')
  } finally {
    await world.lab.close()
  }
})

test('an edit that only cuts off a file’s end takes effect at once, or nearly, also while something else is amiss', async () => {
  const world = await createWorld({ prefix: 'cut', plain: true })
  try {
    const { tree, node } = world
    const whole = vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' })
    const cut = whole.replace(/^net0:.*\n/m, '')
    tree.write('pve1', 'qemu', 100, whole)
    // Never readable: the agent's own looks become rare.
    tree.write('pve1', 'qemu', 101, '\n')
    await node.start(100)
    await runAgent(world)
    await served(world, 100)
    const { path } = tree.find(100)
    const becomes = async (state: boolean) => {
      const begin = performance.now()
      await eventually(`the guest is ${state ? '' : 'not '}served`, async () => {
        const chain = await node.attempt('nft', ['list', 'chain', 'netdev', node.agentName, 'tap100i0'])
        return (chain.exitCode === 0) === state
      })
      return performance.now() - begin
    }
    const took: number[] = []
    for (const write of [
      (text: string) => tree.write('pve1', 'qemu', 100, text),
      (text: string) => writeFileSync(path, text),
      (text: string) => writeFileSync(path, text),
      (text: string) => writeFileSync(path, text),
    ]) {
      // Returns when the agent has done all there was to do.
      await guestnet(node, 'apply')
      write(cut)
      took.push(await becomes(false))
      write(whole)
      await becomes(true)
    }
    expect(took.filter(ms => ms > 2000 * PATIENCE)).toEqual([])
  } finally {
    await world.lab.close()
  }
})

test('a vnet whose SDN zone has DHCP of its own is left alone', async () => {
  const world = await createWorld({ prefix: 'sdn', plain: true })
  try {
    const { tree, node } = world
    mkdirSync(join(tree.root, 'sdn'), { recursive: true })
    const config = {
      zones: { ids: { z1: { dhcp: 'dnsmasq', ipam: 'pve' } } },
      vnets: { ids: { vmbr0: { zone: 'z1' } } },
      subnets: { ids: { 'z1-192.0.2.0-24': { vnet: 'vmbr0', gateway: '192.0.2.1' } } },
    }
    writeFileSync(join(tree.root, 'sdn', '.running-config'), JSON.stringify(config))
    tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
    await node.start(100)
    await runAgent(world)
    const { nics, problems } = await reportOf(world, report => report.nics.length > 0)
    expect(nics).toMatchObject([{ vmid: 100, state: 'refused' }])
    expect(problems).toMatchObject([{ code: 'other-dhcp', vmid: 100 }])
    expect(macOf(100)).toBe('52:54:00:00:00:64')
  } finally {
    await world.lab.close()
  }
})
