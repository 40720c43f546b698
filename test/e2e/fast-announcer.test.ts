import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { markOf } from '../../src/core/routing/mark.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, macOf, runAgent, vm, type World } from './world.ts'

let world: World
let folder: string

/** What fast-announcer has for guest 100, and what its hookscript makes of it. */
const FILE = {
  domain_id: 100,
  ip_addresses: [
    { family: 'ipv4', address: '203.0.113.100/32' },
    { family: 'ipv6', address: '2001:db8:a::100/128' },
  ],
  ip_networks: [{ family: 'ipv4', network: '203.0.113.64/28', next_hop: '203.0.113.100' }],
  mac_address: macOf(100),
  interface: 'vmbr0',
  table: 100,
}
const LEFT_BY_FILE = [
  '-4 rule add from 203.0.113.100/32 lookup 100',
  '-4 rule add to 203.0.113.100/32 lookup 100',
  '-4 rule add from 203.0.113.64/28 lookup 100',
  '-4 rule add to 203.0.113.64/28 lookup 100',
  '-6 rule add from 2001:db8:a::100/128 lookup 100',
  '-6 rule add to 2001:db8:a::100/128 lookup 100',
  '-4 route add 203.0.113.100/32 dev vmbr0 table 100',
  '-4 route add 203.0.113.64/28 via 203.0.113.100 dev vmbr0 onlink table 100 proto static',
  '-6 route add 2001:db8:a::100/128 via fe80::5054:ff:fe00:64 dev vmbr0 table 100',
  `-4 neigh add 203.0.113.100 lladdr ${macOf(100)} dev vmbr0 nud permanent`,
]
/** Of guest 101, whose file is lost but whose address is known. */
const LEFT_BY_GUEST = [
  '-4 rule add from 203.0.113.101/32 lookup 100',
  '-4 rule add to 203.0.113.101/32 lookup 100',
  '-4 route add 203.0.113.101/32 dev vmbr0 table 100',
  `-4 neigh add 203.0.113.101 lladdr ${macOf(101)} dev vmbr0 nud permanent`,
]
const ONLY_ALIKE = [
  '-4 rule add from 203.0.113.200/32 lookup 100',
  '-4 rule add to 203.0.113.200/32 lookup 100',
]
const FOREIGN = [
  '-4 rule add pref 7 from 203.0.113.100/32 lookup 77',
  '-4 rule add pref 8 from 203.0.113.100/32 iif vmbr0 lookup 100',
  '-4 rule add pref 9 from 203.0.113.100/32 lookup 100 protocol 103',
  '-4 route add 198.51.100.0/24 dev vmbr0 table 100 proto static',
  '-4 route add 203.0.113.100/32 dev vmbr0 table 100 metric 1 proto 103',
  '-4 route add 203.0.113.100/32 dev vmbr0 metric 5 proto static',
  `-4 neigh add 203.0.113.250 lladdr ${macOf(250)} dev vmbr0 nud permanent`,
]

beforeAll(async () => {
  world = await createWorld({ prefix: 'fa', plain: true })
  const { tree, node, lab } = world
  folder = join(lab.dir, 'fast-announcer')
  mkdirSync(folder)
  writeFileSync(join(folder, '100.json'), JSON.stringify(FILE))
  tree.write('pve1', 'qemu', 100, vm(100))
  tree.write('pve1', 'qemu', 101, vm(101, { ip: '203.0.113.101/32' }))
  await node.run('ip', ['addr', 'add', '192.0.2.1/24', 'dev', 'vmbr0'])
})
afterAll(() => world?.lab.close())

async function put(lines: readonly string[]): Promise<void> {
  for (const line of lines) await world.node.run('ip', line.split(' '))
}

/** Everything of the node that a clean-up could touch. */
async function kernel(): Promise<string[]> {
  const questions = [
    ...['-4', '-6'].flatMap(family => [
      [family, 'rule'],
      [family, 'route', 'show', 'table', '100'],
      [family, 'route', 'show', 'table', 'main'],
    ]),
    ['neigh', 'show', 'nud', 'permanent'],
    ['-br', 'link'],
    ['netns', 'list'],
  ]
  // A table that has no route yet is none.
  const answers = await Promise.all(questions.map(question => world.node.attempt('ip', question)))
  return answers
    .flatMap(({ stdout }) => stdout.split('\n').map(line => line.trim()))
    .filter(Boolean)
    .toSorted()
}

async function json<T>(verb: string, ...args: string[]): Promise<T> {
  const { stdout } = await guestnet(world.node, verb, ...args)
  return JSON.parse(stdout) as T
}

interface CleanUpAnswer {
  readonly leftovers: readonly { readonly kind: string; readonly pids?: readonly number[] }[]
  readonly removed: readonly unknown[]
  readonly leftAlone: readonly { readonly description: string }[]
  readonly failures: readonly string[]
}
const cleanUp = (...args: string[]) => json<CleanUpAnswer>('clean-up', '--fast-announcer', folder, ...args)

describe('leftovers', () => {
  let before: string[]
  let foreign: string[]

  beforeAll(async () => {
    const { node } = world
    await put(FOREIGN)
    await put(ONLY_ALIKE)
    await node.run('ip', ['netns', 'add', 'other'])
    foreign = await kernel()
    await put([...LEFT_BY_FILE, ...LEFT_BY_GUEST])
    await put(['netns add kea_vmbr0', 'link add kh_vmbr0 type veth peer name kn_vmbr0 netns kea_vmbr0'])
    await put(['link add kh_vmbr1 type veth peer name kn_vmbr1'])
    before = await kernel()
  })

  test('are named by doctor', async () => {
    const checks = await json<Check[]>('doctor', '--listen', '0', '--fast-announcer', folder)
    const named = (text: string) => checks.filter(({ name }) => name.includes(text))
    expect(named('leftovers of fast-announcer')).toMatchObject([
      { state: 'doubtful', remedy: expect.stringContaining('guestnet clean-up') },
    ])
    expect(named('Kea per bridge')).toMatchObject([
      { state: 'doubtful', detail: expect.stringContaining('namespace kea_vmbr0') },
    ])
    expect(named('like fast-announcer')).toHaveLength(1)
  })

  test('are shown and stay, without --yes', async () => {
    const { leftovers, removed, leftAlone } = await cleanUp()
    expect(leftovers).toHaveLength(LEFT_BY_FILE.length + LEFT_BY_GUEST.length + 4)
    expect(removed).toEqual([])
    expect(leftAlone).toHaveLength(ONLY_ALIKE.length)
    expect(await kernel()).toEqual(before)
  })

  test('go with --yes, processes in their namespaces included, and nothing else does', async () => {
    const inside = world.node.spawn('inside', 'ip', ['netns', 'exec', 'kea_vmbr0', 'sleep', '600'])
    const outside = world.node.spawn('outside', 'ip', ['netns', 'exec', 'other', 'sleep', '600'])
    await eventually('both run', async () => {
      const pids = await Promise.all(
        ['kea_vmbr0', 'other'].map(name => world.node.run('ip', ['netns', 'pids', name])),
      )
      return pids.every(text => text !== '')
    })
    const { leftovers, removed, failures } = await cleanUp('--yes')
    expect(failures).toEqual([])
    expect(removed).toHaveLength(leftovers.length)
    await inside.exited
    expect(await world.node.run('ip', ['netns', 'pids', 'other'])).not.toBe('')
    outside.signal('SIGKILL')
    await outside.exited
    expect(await kernel()).toEqual(foreign)
  })

  test('are gone then', async () => {
    expect((await cleanUp()).leftovers).toEqual([])
  })
})

test('import prints what replaces the files', async () => {
  const imported = await json('import', 'fast-announcer', folder)
  expect(imported).toMatchObject({
    table: 100,
    notes: 'trusted',
    networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.64/28', '203.0.113.100/32', '2001:db8:a::100/128'] }],
    guests: [
      {
        vmid: 100,
        nic: 0,
        ipconfig: ['ip=203.0.113.100/32', 'ip6=2001:db8:a::100/128'],
        routes: ['203.0.113.64/28'],
      },
    ],
  })
})

describe('as a source', () => {
  const mark = () => String(markOf(world.node.agentName))
  const routes = async () => {
    const listed = await Promise.all(
      ['-4', '-6'].map(family =>
        world.node.run('ip', ['-N', family, 'route', 'show', 'table', '300', 'proto', mark()]),
      ),
    )
    return listed.join('\n')
  }
  const announcedAre = (...wanted: string[]) =>
    eventually(
      `announced are ${wanted.join(', ') || 'none'}`,
      async () => {
        const listed = (await routes()).split('\n').map(line => line.split(' dev ')[0]?.trim() ?? '')
        return listed.filter(Boolean).toSorted().join() === wanted.toSorted().join()
      },
      { timeoutMs: 20_000, dump: () => world.lab.dump() },
    )
  const OWN = ['203.0.113.101']
  const ownNeighbour = () => ({
    dst: '203.0.113.101',
    dev: 'vmbr0',
    lladdr: macOf(101),
    state: [],
    protocol: mark(),
  })
  const FROM_FILE = ['203.0.113.100', '203.0.113.64/28 via 203.0.113.100', '2001:db8:a::100']

  beforeAll(async () => {
    world.tree.policy(`
announce:
  table: 300
  fastAnnouncer: ${folder}
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24, "2001:db8:a::/48"]
`)
    await world.node.startAll([100, 101])
    // What the hookscript did before guestnet came.
    await put(
      LEFT_BY_GUEST.map(line => line.replace(/lookup 100|table 100/, words => words.replace('100', '300'))),
    )
    await runAgent(world)
  })

  test('the files are announced beside ipconfigN, to the NIC with their MAC', async () => {
    await announcedAre(...FROM_FILE, ...OWN)
    const neighbours = await world.node.run('ip', ['neigh', 'show', 'nud', 'permanent'])
    expect(neighbours).toContain(`203.0.113.100 dev vmbr0 lladdr ${macOf(100)}`)
  })

  test('a file with a mistake is reported and withdraws nothing; a corrected one counts', async () => {
    writeFileSync(join(folder, '100.json'), '{"table": "x"}')
    await eventually('it is reported', async () =>
      (await guestnet(world.node, 'status')).stdout.includes('fast-announcer-invalid'),
    )
    await announcedAre(...FROM_FILE, ...OWN)
    writeFileSync(join(folder, '100.json'), JSON.stringify({ ...FILE, ip_networks: [] }))
    await announcedAre('203.0.113.100', '2001:db8:a::100', ...OWN)
  })

  test('a file that is removed is withdrawn', async () => {
    rmSync(join(folder, '100.json'))
    await announcedAre(...OWN)
  })

  test('what the hookscript left beside it can go, and guestnet’s own takes its place', async () => {
    expect((await cleanUp('--yes')).failures).toEqual([])
    await announcedAre(...OWN)
    await eventually('the neighbour is guestnet’s', async () => {
      const entries = await world.node.ipJson<object>('-N', 'neigh', 'show', 'nud', 'permanent')
      return entries.some(entry => isDeepStrictEqual({ ...entry, state: [] }, ownNeighbour()))
    })
    expect((await cleanUp()).leftovers).toEqual([])
    expect(await guestnet(world.node, 'plan')).toExitWith(0)
  })
})
