import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import { LabRouter, NODE_AS, ROUTER_ADDRESS, ROUTER_AS } from '../../lab/router.ts'
import type { Tree } from '../../lab/tree.ts'
import type { Report } from '../../src/core/report.ts'
import { vm } from './world.ts'

const POLICY = `
announce:
  table: 100
  notes: trusted
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24, "2001:db8:a::/48"]
      gateway: {ipv4: 172.31.1.1, ipv6: "fe80::1", mac: "da:f0:f1:08:55:c4"}
bgp:
  as: ${NODE_AS}
  peers:
    - {name: rtr01, address: "${ROUTER_ADDRESS}", as: ${ROUTER_AS}, bfd: true}
`

let lab: Lab
let tree: Tree
let router: LabRouter
const nodes = new Map<string, { node: LabNode; agent: LabProcess; number: number }>()

/** A guest with a /32 and a /128, as hosters have them. */
function guest(vmid: number, more = ''): string {
  return vm(vmid, {
    ip: `203.0.113.${vmid % 256}/32`,
    gw: `172.31.1.1,ip6=2001:db8:a::${vmid}/128,gw6=fe80::1`,
    more,
  })
}

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'bgp' })
  tree = lab.createTree({ nodes: ['pve1', 'pve2'] })
  tree.policy(POLICY)
  router = await LabRouter.create(lab)
  for (const name of ['pve1', 'pve2']) {
    const node = await lab.addNode(name, tree)
    await node.addBridge('vmbr0')
    await router.connect(node)
    nodes.set(name, { node, number: nodes.size + 1, agent: startAgent(node, { args: ['--watch', 'poll'] }) })
  }
  await router.start()
  for (const vmid of [100, 101, 102]) tree.write('pve1', 'qemu', vmid, guest(vmid))
  await start('pve1', 100)
})
afterAll(() => lab?.close())

function at(name: string) {
  const found = nodes.get(name)
  if (!found) throw new Error(`no node ${name}`)
  return found
}

/** Starts a guest, which configures itself as cloud-init would. */
async function start(name: string, vmid: number): Promise<void> {
  const running = await at(name).node.start(vmid)
  await running.ip([
    `addr add 203.0.113.${vmid % 256}/32 dev eth0`,
    'route add 172.31.1.1 dev eth0',
    'route add default via 172.31.1.1',
    `addr add 2001:db8:a::${vmid}/128 dev eth0 nodad`,
    'route add default via fe80::1 dev eth0',
  ])
}

const hop = (name: string) => LabRouter.addressOf(at(name).number)

/** Waits until the router sends both addresses of a guest to a node, or to nobody. */
async function leadsTo(vmid: number, name: string | undefined): Promise<void> {
  const wanted = name === undefined ? undefined : hop(name)
  for (const address of [`203.0.113.${vmid % 256}`, `2001:db8:a::${vmid}`]) {
    await eventually(
      `the router sends ${address} to ${name ?? 'nobody'}`,
      async () => (await router.nextHop(address)) === wanted,
      { timeoutMs: 30_000, dump: () => lab.dump() },
    )
  }
}

async function reportOf(
  name: string,
  until: (report: Report & { agent: boolean }) => boolean,
): Promise<Report> {
  return await eventually('a report as expected', async () => {
    const { stdout } = await guestnet(at(name).node, 'status')
    const report = JSON.parse(stdout) as Report & { agent: boolean }
    return until(report) ? report : Promise.reject(new Error(stdout))
  })
}

describe('a running guest', () => {
  test('is announced with both addresses, IPv4 over an IPv6 next hop, and answers pings', async () => {
    await leadsTo(100, 'pve1')
    await eventually('IPv4 pings', async () => (await router.ping('203.0.113.100')) === 1, {
      dump: () => lab.dump(),
    })
    await eventually('IPv6 pings', async () => (await router.ping('2001:db8:a::100')) === 1, {
      dump: () => lab.dump(),
    })
  })

  test('is named by a large community, and nothing else is announced', async () => {
    const routes = await router.birdc('show', 'route', 'all', 'protocol', 'node1')
    expect(routes).toContain(`(${NODE_AS}, 1, 100)`)
    expect(routes.match(/^(?:\d+\.\S+|2001\S+)/gm)).toEqual(['203.0.113.100/32', '2001:db8:a::100/128'])
  })

  test('is told by status, from BIRD’s own words, and there is nothing left to do', async () => {
    const report = await reportOf('pve1', ({ announcing }) =>
      Boolean(announcing?.announcements.every(({ exportedTo }) => exportedTo?.includes('rtr01'))),
    )
    expect(report.announcing).toMatchObject({
      rules: true,
      bird: { state: 'running' },
      peers: [{ peer: 'rtr01', isUp: true }],
      announcements: [
        { prefix: '203.0.113.100/32', route: true, neighbour: true, told: true, exportedTo: ['rtr01'] },
        { prefix: '2001:db8:a::100/128', route: true, neighbour: true, told: true, exportedTo: ['rtr01'] },
      ],
    })
    expect((await guestnet(at('pve1').node, 'plan')).exitCode).toBe(0)
  })

  test('is explained, step by step, from its configuration to the peer', async () => {
    const { exitCode, stdout } = await guestnet(at('pve1').node, 'explain', '100')
    expect(exitCode).toBe(0)
    const { nics } = JSON.parse(stdout) as {
      nics: { announced: { steps: { step: string; state: string }[] }[] }[]
    }
    for (const { steps } of nics[0]?.announced ?? []) {
      expect(steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
        'announcement good',
        'kernel good',
        'bird good',
        'peers good',
      ])
    }
    expect(nics[0]?.announced).toHaveLength(2)
  })

  test('costs no rule of its own', async () => {
    const { node } = at('pve1')
    await start('pve1', 101)
    await leadsTo(101, 'pve1')
    const rules = [...(await node.ipJson('-4', 'rule')), ...(await node.ipJson('-6', 'rule'))]
    const ours = rules.filter(
      rule => JSON.stringify(rule).includes('"100"') || JSON.stringify(rule).includes('510'),
    )
    expect(ours).toHaveLength(4)
  })

  test('that stops is withdrawn, with its route and neighbours', async () => {
    await at('pve1').node.stop(101)
    await leadsTo(101, undefined)
    expect(await at('pve1').node.run('ip', ['neigh', 'show', 'nud', 'permanent'])).not.toContain(
      '203.0.113.101',
    )
    expect(await router.ping('203.0.113.100')).toBe(1)
  })

  test('whose port appears during a backup of the stopped guest is not announced until the lock is gone', async () => {
    tree.edit(102, text => `${text}lock: backup\n`)
    await start('pve1', 102)
    await reportOf('pve1', ({ nics }) => nics.some(({ vmid, state }) => vmid === 102 && state === 'served'))
    expect(await router.nextHop('203.0.113.102')).toBeUndefined()
    tree.edit(102, text => text.replace('lock: backup\n', ''))
    await leadsTo(102, 'pve1')
    await at('pve1').node.stop(102)
    await leadsTo(102, undefined)
  })

  test('whose address is edited is announced with both until it has taken the new one', async () => {
    tree.edit(100, text => text.replace('203.0.113.100/32', '203.0.113.200/32'))
    await eventually(
      'the new one leads here',
      async () => (await router.nextHop('203.0.113.200')) === hop('pve1'),
    )
    expect(await router.nextHop('203.0.113.100')).toBe(hop('pve1'))
    tree.edit(100, text => text.replace('203.0.113.200/32', '203.0.113.100/32'))
    await leadsTo(100, 'pve1')
  })

  test('has the prefixes behind it announced, as its Notes say', async () => {
    const block = ['```guestnet', 'routes: [203.0.113.64/28]', '```'].map(
      line => `#${encodeURIComponent(line)}\n`,
    )
    tree.edit(100, text => `${block.join('')}${text}`)
    await eventually(
      'the prefix leads here',
      async () => (await router.nextHop('203.0.113.64/28')) === hop('pve1'),
    )
    const inner = at('pve1').node.guest(100)
    await inner.ip(['addr add 203.0.113.70/32 dev lo', 'link set lo up'])
    await eventually('it pings', async () => (await router.ping('203.0.113.70')) === 1, {
      dump: () => lab.dump(),
    })
    tree.edit(100, text => text.replace(block.join(''), ''))
    await eventually('it is withdrawn', async () => (await router.nextHop('203.0.113.64/28')) === undefined)
  })
})

describe('a guest that migrates', () => {
  test('is announced where its configuration is, both ways, and leaves nothing behind', async () => {
    await start('pve1', 101)
    await leadsTo(101, 'pve1')
    for (const [from, to] of [
      ['pve1', 'pve2'],
      ['pve2', 'pve1'],
    ] as const) {
      // The target's port is there long before the rename, the source's goes after it.
      await start(to, 101)
      tree.move(101, to)
      await leadsTo(101, to)
      await at(from).node.stop(101)
      const { node } = at(from)
      await eventually('nothing is left', async () => {
        const routes = await node.run('ip', ['route', 'show', 'table', '100'])
        const neighbours = await node.run('ip', ['neigh', 'show', 'nud', 'permanent'])
        return !routes.includes('203.0.113.101') && !neighbours.includes('203.0.113.101')
      })
      expect(await router.ping('203.0.113.101')).toBe(1)
    }
  })
})

describe('what breaks', () => {
  test('an agent that is killed and starts again sends no update', async () => {
    const before = await router.updates(1)
    const place = at('pve1')
    place.agent.signal('SIGKILL')
    await place.agent.exited
    place.agent = startAgent(place.node, { args: ['--watch', 'poll'] })
    await reportOf('pve1', report => report.agent && report.announcing !== undefined)
    const { exitCode, stdout } = await guestnet(place.node, 'plan')
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(await router.updates(1)).toBe(before)
    expect(await router.ping('203.0.113.100')).toBe(1)
  })

  test('a BIRD that is killed comes back, and the router goes on sending traffic meanwhile', async () => {
    const report = await reportOf('pve1', ({ announcing }) => announcing?.bird?.pid !== undefined)
    process.kill(report.announcing?.bird?.pid ?? 0, 'SIGKILL')
    expect(await router.ping('203.0.113.100')).toBe(1)
    await reportOf('pve1', ({ announcing }) =>
      Boolean(
        announcing?.bird?.pid !== report.announcing?.bird?.pid && announcing?.peers.every(({ isUp }) => isUp),
      ),
    )
    await leadsTo(100, 'pve1')
    expect(await router.ping('203.0.113.100')).toBe(1)
  })

  test.each([
    ['a route', ['route', 'del', '203.0.113.100/32', 'dev', 'vmbr0', 'table', '100']],
    ['a neighbour', ['neigh', 'del', '203.0.113.100', 'dev', 'vmbr0']],
    ['a rule', ['rule', 'del', 'pref', '5101']],
    ['the gateway’s address', ['addr', 'del', '172.31.1.1/32', 'dev', 'vmbr0']],
  ])('%s that somebody removes comes back', async (_, command) => {
    await at('pve1').node.run('ip', command)
    await eventually('it is repaired', async () => (await guestnet(at('pve1').node, 'plan')).exitCode === 0, {
      dump: () => lab.dump(),
    })
    await eventually('it pings', async () => (await router.ping('203.0.113.100')) === 1, {
      dump: () => lab.dump(),
    })
  })

  test('a configuration that cannot be read withdraws nothing', async () => {
    const writing = tree.writeInPlace('pve1', 'qemu', 100, guest(100), 3000)
    await reportOf('pve1', ({ problems }) => problems.some(({ code }) => code === 'config-unreadable'))
    expect(await router.nextHop('203.0.113.100')).toBe(hop('pve1'))
    await writing
    await reportOf('pve1', ({ problems }) => problems.length === 0)
  })
})

test('a policy without announce takes everything back, and the host’s own rules stay', async () => {
  const { node } = at('pve1')
  await node.run('ip', ['rule', 'add', 'pref', '5099', 'lookup', '77'])
  tree.policy('dhcp: {}\n')
  await leadsTo(100, undefined)
  await eventually('no rule of ours is left', async () => {
    const rules = await node.run('ip', ['rule'])
    return !rules.includes('5100:') && !rules.includes('5101:') && rules.includes('5099:')
  })
  await reportOf('pve1', ({ announcing }) => announcing === undefined)
})

test('teardown ends BIRD and leaves no route, rule, neighbour or address of guestnet’s', async () => {
  tree.policy(POLICY)
  await leadsTo(100, 'pve1')
  const { node, agent } = at('pve1')
  await agent.stop()
  const { exitCode, stderr } = await guestnet(node, 'teardown')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  await leadsTo(100, undefined)
  const left = await node.run('sh', [
    '-c',
    'ip route show table 100; ip -6 route show table 100; ip rule; ip -6 rule; ip neigh show nud permanent; ip addr show dev vmbr0',
  ])
  expect(left).not.toMatch(/203\.0\.113|2001:db8:a|510[01]:|172\.31\.1\.1|^default/m)
})
