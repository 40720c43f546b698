import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, nothingLeft } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { NODE_AS } from '../../lab/router.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

let fabric: Fabric

beforeAll(async () => {
  fabric = await Fabric.create('bgp')
  for (const vmid of [100, 101, 102]) fabric.write('pve1', vmid)
  await fabric.start('pve1', 100)
})
afterAll(() => fabric?.lab.close())

/** Waits until pings are answered, by IPv4 and IPv6, so many in a row of ten a second. */
async function answersPings(inARow = 1): Promise<void> {
  for (const address of ['203.0.113.100', '2001:db8:a::100'])
    await eventually(`${address} pings`, async () => (await fabric.router.ping(address, inARow)) === inARow, {
      timeoutMs: 20_000,
      dump: () => fabric.lab.dump(),
    })
}

describe('a running guest', () => {
  test('is announced with both addresses, IPv4 over an IPv6 next hop, and answers pings', async () => {
    await fabric.leadsTo(100, 'pve1')
    await answersPings()
  })

  test('is named by a large community, and nothing else is announced', async () => {
    const routes = await fabric.router.birdc('show', 'route', 'all', 'protocol', 'node1')
    expect(routes).toContain(`(${NODE_AS}, 1, 100)`)
    expect(routes.match(/^(?:\d+\.\S+|2001\S+)/gm)).toEqual(['203.0.113.100/32', '2001:db8:a::100/128'])
  })

  test('is told by status, from BIRD’s own words, and there is nothing left to do', async () => {
    const report = await fabric.report('pve1', ({ announcing }) =>
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
    expect(await guestnet(fabric.at('pve1').node, 'plan')).toExitWith(0)
  })

  test('is explained, step by step, from its configuration to the peer', async () => {
    const { exitCode, stdout } = await guestnet(fabric.at('pve1').node, 'explain', '100')
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
    const { node } = fabric.at('pve1')
    await fabric.start('pve1', 101)
    await fabric.leadsTo(101, 'pve1')
    const rules = [...(await node.ipJson('-4', 'rule')), ...(await node.ipJson('-6', 'rule'))]
    const ours = rules.filter(
      rule => JSON.stringify(rule).includes('"100"') || JSON.stringify(rule).includes('510'),
    )
    expect(ours).toHaveLength(4)
  })

  test('that stops is withdrawn, with its routes', async () => {
    await fabric.at('pve1').node.stop(101)
    await fabric.leadsTo(101, undefined)
    const { node } = fabric.at('pve1')
    const routed = async () =>
      (await node.run('ip', ['route', 'show', 'table', '100'])).includes('203.0.113.101')
    await eventually('it is routed no more', async () => !(await routed()), { dump: () => fabric.lab.dump() })
    expect(await fabric.router.ping('203.0.113.100')).toBe(1)
  })

  test('whose port appears during a backup of the stopped guest is not announced until the lock is gone', async () => {
    fabric.tree.edit(102, text => `${text}lock: backup\n`)
    await fabric.start('pve1', 102)
    await fabric.report('pve1', ({ nics }) =>
      nics.some(({ vmid, state }) => vmid === 102 && state === 'served'),
    )
    expect(await fabric.router.nextHop('203.0.113.102')).toBeUndefined()
    fabric.tree.edit(102, text => text.replace('lock: backup\n', ''))
    await fabric.leadsTo(102, 'pve1')
    await fabric.at('pve1').node.stop(102)
    await fabric.leadsTo(102, undefined)
  })

  test('whose address is edited is announced with both until it has taken the new one', async () => {
    fabric.tree.edit(100, text => text.replace('203.0.113.100/32', '203.0.113.200/32'))
    await eventually(
      'the new one leads here',
      async () => (await fabric.router.nextHop('203.0.113.200')) === fabric.hop('pve1'),
    )
    expect(await fabric.router.nextHop('203.0.113.100')).toBe(fabric.hop('pve1'))
    fabric.tree.edit(100, text => text.replace('203.0.113.200/32', '203.0.113.100/32'))
    await fabric.leadsTo(100, 'pve1')
  })

  test('has the prefixes behind it announced, as its Notes say', async () => {
    const block = ['```guestnet', 'routes: [203.0.113.64/28]', '```'].map(
      line => `#${encodeURIComponent(line)}\n`,
    )
    fabric.tree.edit(100, text => `${block.join('')}${text}`)
    await eventually(
      'the prefix leads here',
      async () => (await fabric.router.nextHop('203.0.113.64/28')) === fabric.hop('pve1'),
    )
    const inner = fabric.at('pve1').node.guest(100)
    await inner.ip(['addr add 203.0.113.70/32 dev lo', 'link set lo up'])
    await eventually('it pings', async () => (await fabric.router.ping('203.0.113.70')) === 1, {
      dump: () => fabric.lab.dump(),
    })
    fabric.tree.edit(100, text => text.replace(block.join(''), ''))
    await eventually(
      'it is withdrawn',
      async () => (await fabric.router.nextHop('203.0.113.64/28')) === undefined,
    )
  })
})

describe('what breaks', () => {
  test('an agent that is killed and starts again sends no update', async () => {
    await nothingLeft(fabric.at('pve1').node)
    const before = await fabric.router.updates(1)
    await fabric.restartAgent('pve1')
    await nothingLeft(fabric.at('pve1').node)
    expect(await fabric.router.updates(1)).toBe(before)
    expect(await fabric.router.ping('203.0.113.100')).toBe(1)
  })

  test.each([
    ['is killed', 'SIGKILL'],
    ['hangs', 'SIGSTOP'],
  ] as const)('a BIRD that %s is replaced, and its announcements come back', async (_, signal) => {
    const { announcing } = await fabric.report('pve1', report => report.announcing?.bird?.state === 'running')
    const former = announcing?.bird?.pid
    if (former === undefined) throw new Error('no BIRD')
    await answersPings(10)
    process.kill(former, signal)
    expect(await fabric.router.ping('203.0.113.100')).toBe(1)
    await fabric.report('pve1', report => {
      const { bird, peers } = report.announcing ?? {}
      return bird?.pid !== former && bird?.state === 'running' && peers?.every(({ isUp }) => isUp) === true
    })
    await fabric.leadsTo(100, 'pve1')
    // The router's BFD may not have noticed yet: then it forgets the routes for a moment, and takes the new BIRD's.
    await answersPings(10)
  })

  test.each([
    ['a route', ['route', 'del', '203.0.113.100/32', 'dev', 'vmbr0', 'table', '100']],
    ['a neighbour', ['neigh', 'del', '203.0.113.100', 'dev', 'vmbr0']],
    ['a rule', ['rule', 'del', 'pref', '5101']],
    ['a default route', ['route', 'del', 'default', 'table', '101']],
    ['the gateway’s address', ['addr', 'del', '172.31.1.1/32', 'dev', 'vmbr0']],
  ])('%s that somebody removes comes back', async (_, command) => {
    await fabric.at('pve1').node.run('ip', command)
    await nothingLeft(fabric.at('pve1').node)
    await answersPings()
  })

  test.each(['default4', 'default6'])(
    'a router that takes its %s back and tells it again is believed',
    async route => {
      const { node } = fabric.at('pve1')
      const family = route === 'default4' ? '-4' : '-6'
      const isThere = async () => (await node.run('ip', [family, 'route', 'show', 'table', '101'])) !== ''
      await fabric.router.birdc('disable', route)
      await eventually('it is gone', async () => !(await isThere()), { dump: () => fabric.lab.dump() })
      await fabric.router.birdc('enable', route)
      await eventually('it is there again', isThere, { dump: () => fabric.lab.dump() })
      await answersPings()
    },
  )

  test('a configuration that cannot be read withdraws nothing', async () => {
    const text = readFileSync(fabric.tree.find(100).path, 'utf8')
    const writing = fabric.tree.writeInPlace('pve1', 'qemu', 100, text, 3000)
    await fabric.report('pve1', ({ problems }) => problems.some(({ code }) => code === 'config-unreadable'))
    expect(await fabric.router.nextHop('203.0.113.100')).toBe(fabric.hop('pve1'))
    await writing
    await fabric.report('pve1', ({ problems }) => problems.length === 0)
  })
})

test('BGP that is handed to a daemon of the administrator’s is ended here, the guest stays routed, and it comes back', async () => {
  const { node } = fabric.at('pve1')
  const routes = (table: string) =>
    node.run('sh', ['-c', `ip route show table ${table}; ip -6 route show table ${table}`])
  fabric.tree.policy(ANNOUNCING.replace(/bgp:.*/s, 'bgp: external\n'))
  await fabric.leadsTo(100, undefined)
  await fabric.report('pve1', ({ announcing }) => announcing !== undefined && announcing.bird === undefined)
  expect(await routes('101')).toBe('')
  expect(await routes('100')).toContain('203.0.113.100')
  fabric.tree.policy(ANNOUNCING)
  await fabric.leadsTo(100, 'pve1')
  await answersPings()
})

test('other tables take over from the former ones, which are empty then', async () => {
  const { node } = fabric.at('pve1')
  const routesIn = (...tables: number[]) =>
    Promise.all(
      tables.flatMap(table =>
        ['-4', '-6'].map(
          async family => (await node.attempt('ip', [family, 'route', 'show', 'table', `${table}`])).stdout,
        ),
      ),
    )
  const move = async (from: number, to: number) => {
    fabric.tree.policy(ANNOUNCING.replace('table: 100', `table: ${to}`))
    await eventually(
      `everything is in the tables ${to} and ${to + 1}`,
      async () => {
        const [former, present] = [await routesIn(from, from + 1), await routesIn(to, to + 1)]
        return former.every(text => text === '') && present.every(text => text !== '')
      },
      { timeoutMs: 20_000, dump: () => fabric.lab.dump() },
    )
    await answersPings()
  }
  await move(100, 200)
  await move(200, 100)
})

test('a policy without announce takes everything back, and the host’s own rules stay', async () => {
  const { node } = fabric.at('pve1')
  await node.run('ip', ['rule', 'add', 'pref', '5099', 'lookup', '77'])
  fabric.tree.policy('dhcp: {}\n')
  await fabric.leadsTo(100, undefined)
  await eventually('no rule of ours is left', async () => {
    const rules = await node.run('ip', ['rule'])
    return !rules.includes('5100:') && !rules.includes('5101:') && rules.includes('5099:')
  })
  await fabric.report('pve1', ({ announcing }) => announcing === undefined)
})

test('teardown ends BIRD and leaves no route, rule, neighbour or address of guestnet’s', async () => {
  fabric.tree.policy(ANNOUNCING)
  await fabric.leadsTo(100, 'pve1')
  const { node } = fabric.at('pve1')
  await fabric.endAgent('pve1', 'SIGTERM')
  const { exitCode, stderr } = await guestnet(node, 'teardown')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  await fabric.leadsTo(100, undefined)
  const left = await node.run('sh', [
    '-c',
    'for family in -4 -6; do for table in 100 101; do ip $family route show table $table; done; done; ip rule; ip -6 rule; ip neigh show nud permanent; ip addr show dev vmbr0',
  ])
  expect(left).not.toMatch(/203\.0\.113|2001:db8:a|510[01]:|172\.31\.1\.1|^default/m)
})
