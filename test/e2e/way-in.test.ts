import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HookAnnouncer } from '../../bench/predecessor/announcer.ts'
import { inText, startAgent } from '../../lab/agent.ts'
import type { Lease } from '../../lab/clients/lease.ts'
import { type RawClient, withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { Pings } from '../../lab/pings.ts'
import type { LabProcess } from '../../lab/process.ts'
import { ROUTER_ADDRESS, WORLD } from '../../lab/router.ts'
import { blocksOf } from '../page.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'
import { createWorld, macOf, vm, type World } from './world.ts'

/** What a page's command means in the lab, where it is no verb of guestnet's; by the words it begins with. */
type Meanings = Readonly<Record<string, (command: string) => Promise<void> | void>>

/**
 * Does what a page says, command by command as it is written there: verbs of guestnet's with the lab's options, until they
 * succeed. Returns what each printed.
 */
async function follow(node: LabNode, commands: readonly string[], meanings: Meanings): Promise<string[]> {
  const said: string[] = []
  for (const command of commands) {
    const [program, ...words] = command.split(' ')
    if (program === 'guestnet') said.push(await succeeded(node, words))
    else await meaningOf(command, meanings)(command)
  }
  return said
}

function meaningOf(command: string, meanings: Meanings): Meanings[string] {
  const [, meaning] = Object.entries(meanings).find(([beginning]) => command.startsWith(beginning)) ?? []
  if (!meaning) throw new Error(`the page says "${command}", which nothing here does`)
  return meaning
}

async function succeeded(node: LabNode, words: readonly string[]): Promise<string> {
  return await eventually(
    `guestnet ${words.join(' ')} succeeds`,
    async () => {
      const { exitCode, stdout, stderr } = await inText(node, words)
      // What doctor finds is told by what it prints.
      const isDone = exitCode === 0 || words[0] === 'doctor'
      return isDone ? stdout || ' ' : Promise.reject(new Error(stdout + stderr))
    },
    { timeoutMs: 30_000, everyMs: 200, dump: () => node.lab.dump() },
  )
}

describe('docs/from-proxmox-kea-integration.md', () => {
  const [start = [], stop = [], clear = []] = blocksOf('docs/from-proxmox-kea-integration.md', 'sh')
  let world: World
  let predecessor: LabProcess
  let former: Lease | undefined

  /** The other's Keas answer with their own address. */
  const THEIRS = '169.254.1.1'

  const meanings: Meanings = {
    'apt install ./guestnet_': () => void startAgent(world.node),
    // As a crash would: it has no time to clear away what it made on the node.
    'pct exec 150 -- docker compose --project-directory /opt/pkci down': async () => {
      predecessor.signal('SIGKILL')
      await predecessor.exited
    },
    'pct set 150 --onboot 0': () => undefined,
  }

  const withGuest = <T>(use: (client: RawClient) => Promise<T>) =>
    withRawClient(world.node.guest(100).port(), use)

  beforeAll(async () => {
    world = await createWorld({ prefix: 'wik' })
    const { tree, node, lab } = world
    tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
    await node.start(100)
    const words = ['predecessor', tree.root, 'pve1', lab.folder('predecessor')]
    predecessor = node.spawn('predecessor', process.execPath, [resolve('dist/bench.js'), ...words])
    former = await eventually(
      'the other serves',
      () => withGuest(client => client.exchange({ timeoutMs: 1000 })),
      { timeoutMs: 30_000, dump: () => lab.dump() },
    )
    expect(former).toMatchObject({ address: '192.0.2.100', serverIdentifier: THEIRS })
  })
  afterAll(() => world?.lab.close())

  test('guestnet answers while the other still runs', async () => {
    const said = await follow(world.node, start, meanings)
    expect(said.join('\n')).toContain('192.0.2.100')
    expect(predecessor.running).toBe(true)
    expect(await withGuest(client => client.exchange())).toMatchObject({
      address: '192.0.2.100',
      serverIdentifier: '192.0.2.1',
    })
  })

  test('no guest asks in vain while the other ends and what it left is removed', async () => {
    let isOver = false
    const asking = withGuest(async client => {
      const answers: (string | undefined)[] = []
      while (!isOver) answers.push((await client.exchange())?.address)
      return answers
    })
    const said = await follow(world.node, [...stop, ...clear], meanings).finally(() => {
      isOver = true
    })
    const [doctor, shown, removed] = said
    expect(doctor).toContain('leftovers of a Kea per bridge: namespace kea_vmbr0')
    expect(shown).toMatch(/would remove namespace kea_vmbr0 \(ending in it process \d+/)
    expect(removed).toMatch(/^removed namespace kea_vmbr0/m)
    const answers = await asking
    expect(answers.length).toBeGreaterThan(0)
    expect(new Set(answers)).toEqual(new Set(['192.0.2.100']))
    expect(await inText(world.node, ['clean-up'])).toMatchObject({ stdout: 'nothing to remove' })
  })

  test('a lease that the other gave is renewed', async () => {
    const renewed = await withGuest(async client => former && (await client.renew(former, macOf(1))))
    expect(renewed).toMatchObject({ address: '192.0.2.100' })
  })
})

describe('docs/from-fast-announcer.md', () => {
  const PAGE = 'docs/from-fast-announcer.md'
  const [start = [], hook = [], clear = [], move = [], bird = []] = blocksOf(PAGE, 'sh')
  let fabric: Fabric
  let node: LabNode
  let folder: string
  let former: LabProcess

  /** The page's lines, with the lab's folder in place of fast-announcer's. */
  const here = (lines: readonly string[]) =>
    lines.map(line => line.replaceAll('/var/lib/infra/network', folder))

  const meanings: Meanings = {
    'apt install ./guestnet_': () => void startAgent(node),
    'qm set 100 --delete hookscript': () =>
      fabric.tree.edit(100, text => text.replace(/^hookscript: .*\n/m, '')),
    'qm set 100 --ipconfig0 ': command =>
      fabric.tree.edit(100, text => `ipconfig0: ${command.split(' ').at(-1)}\n${text}`),
  }

  beforeAll(async () => {
    fabric = await Fabric.create('wif', { nodes: ['pve1'], agents: false })
    node = fabric.at('pve1').node
    folder = join(fabric.lab.dir, 'fast-announcer')
    fabric.tree.policy('')
    fabric.tree.write('pve1', 'qemu', 100, vm(100, { more: 'hookscript: local:snippets/fast-announcer\n' }))
    await fabric.start('pve1', 100)
    await beforeGuestnet()
  })
  afterAll(() => fabric?.lab.close())

  /** The file, what the hookscript made of it, and the administrator's own BIRD and addresses. */
  async function beforeGuestnet(): Promise<void> {
    mkdirSync(folder)
    writeFileSync(join(folder, '100.json'), JSON.stringify(FILE))
    await node.ip(['addr add 172.31.1.1/32 dev vmbr0', 'addr add fe80::1/64 dev vmbr0 nodad'])
    for (const family of ['-4', '-6'])
      await node.run('ip', [family, ...`route add default via inet6 ${ROUTER_ADDRESS} dev up0`.split(' ')])
    const hooks = new HookAnnouncer(node)
    former = hooks.startBird()
    await hooks.started([
      { vmid: 100, ipv4: '203.0.113.100', ipv6: '2001:db8:a::100', mac: macOf(100), port: 'tap100i0' },
    ])
    await fabric.leadsTo(100, 'pve1')
    await fabric.pings(100)
  }

  const FILE = {
    domain_id: 100,
    ip_addresses: [
      { family: 'ipv4', address: '203.0.113.100/32' },
      { family: 'ipv6', address: '2001:db8:a::100/128' },
    ],
    ip_networks: [],
    mac_address: macOf(100),
    interface: 'vmbr0',
    table: 100,
  }

  test('the guest is reached throughout, by IPv4 and IPv6, until it is moved', async () => {
    const pings = [
      Pings.start(fabric.router, { from: WORLD.ipv4, to: '203.0.113.100' }),
      Pings.start(fabric.router, { from: WORLD.ipv6, to: '2001:db8:a::100' }),
    ]
    const [policy = []] = blocksOf(PAGE, 'yaml')
    fabric.tree.policy(`${here(policy).join('\n')}\n`)
    const [imported] = await follow(node, here(start), meanings)
    expect(imported).toContain('ipconfig0: ip=203.0.113.100/32,ip6=2001:db8:a::100/128')
    await follow(node, hook, meanings)
    const [shown, removed] = await follow(node, here(clear), meanings)
    expect(shown).toContain('would remove rule 1000: from 203.0.113.100/32 lookup 100')
    expect(removed).toContain('removed route 203.0.113.100/32 dev vmbr0 table 100')
    await follow(node, move, meanings)
    expect(await succeeded(node, ['import', 'fast-announcer', folder])).toContain('Nothing to do for 100.')
    fabric.tree.policy(`${policy.filter(line => !line.includes('fastAnnouncer')).join('\n')}\n`)
    rmSync(folder, { recursive: true })
    await succeeded(node, ['status'])
    await fabric.leadsTo(100, 'pve1')
    for (const answered of await Promise.all(pings.map(running => running.stop()))) {
      expect(answered.length).toBeGreaterThan(10)
      expect(answered.filter(ping => !ping.answered)).toEqual([])
    }
  })

  test('nothing of the script’s is left, and guestnet’s routes are there', async () => {
    expect(await succeeded(node, ['clean-up'])).toBe('nothing to remove')
    expect(await node.run('ip', ['-N', 'rule'])).not.toContain('203.0.113.100')
    expect(await node.run('ip', ['-N', 'route', 'show', 'table', '100'])).toMatch(
      /^203\.0\.113\.100 dev vmbr0 proto \d+ .*metric 1 ?$/,
    )
  })

  test('guestnet’s own BIRD takes the session over', async () => {
    const [config] = await follow(node, bird, meanings)
    expect(config).toContain('protocol kernel guestnet_kernel4')
    await former.stop()
    fabric.tree.policy(ANNOUNCING)
    await fabric.report('pve1', ({ announcing }) => announcing?.peers.some(({ isUp }) => isUp) === true)
    await fabric.leadsTo(100, 'pve1')
    await fabric.pings(100)
  })
})
