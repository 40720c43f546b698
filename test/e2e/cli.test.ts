import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commonOptions, guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { createWorld, runAgent, vm, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'cli', plain: true })
  const { tree, node } = world
  tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
  tree.write('pve1', 'qemu', 101, vm(101, { ip: '192.0.2.101/24', gw: '192.0.2.1', net: ',firewall=1' }))
  await node.startAll([100, 101])
})
afterAll(() => world?.lab.close())

/** Runs a verb with text output. */
function inText(verb: string, ...args: string[]) {
  const bundle = resolve('dist/guestnet.js')
  return world.node.attempt(process.execPath, [bundle, verb, ...commonOptions(world.node), ...args])
}

interface Snapshot {
  readonly nft: string
  readonly links: string
  readonly namespaces: string
}

async function snapshot(): Promise<Snapshot> {
  const { node } = world
  const [nft, links, namespaces] = await Promise.all([
    node.run('nft', ['list', 'ruleset']),
    node.run('ip', ['-br', 'link']),
    node.run('ip', ['netns', 'list']),
  ])
  return { nft, links, namespaces }
}

describe('plan and apply', () => {
  test('plan prints, line for line, what apply then does, and changes nothing itself', async () => {
    const before = await snapshot()
    const planned = await inText('plan')
    expect(planned.exitCode).toBe(2)
    expect(await snapshot()).toEqual(before)
    expect(existsSync(join(world.node.runDir, 'kea'))).toBe(false)
    const applied = await inText('apply')
    expect(applied).toMatchObject({ exitCode: 0, stdout: planned.stdout })
    expect(planned.stdout.split('\n')).toHaveLength(7)
    const leased = await withRawClient(world.node.guest(101).port(), client => client.exchange())
    expect(leased?.address).toBe('192.0.2.101')
  })

  test('after apply there is nothing to do', async () => {
    expect(await inText('plan')).toMatchObject({ exitCode: 0, stdout: 'nothing to do' })
    expect(await inText('apply')).toMatchObject({ exitCode: 0, stdout: 'nothing to do' })
  })

  test('plan in JSON says the same', async () => {
    world.tree.edit(100, text => text.replace('192.0.2.100', '192.0.2.77'))
    const planned = await guestnet(world.node, 'plan')
    const text = await inText('plan')
    const { changes } = JSON.parse(planned.stdout) as { changes: { description: string }[] }
    expect(planned.exitCode).toBe(2)
    expect(changes.map(({ description }) => description)).toEqual(text.stdout.split('\n'))
    world.tree.edit(100, line => line.replace('192.0.2.77', '192.0.2.100'))
  })

  test('an invalid policy that was never valid changes nothing and is an error', async () => {
    world.tree.policy('dhcp: [1]\nbgp2: {}\n')
    const planned = await inText('plan', '--state-dir', world.lab.folder('empty'))
    expect(planned.exitCode).toBe(1)
    expect(planned.stdout).toBe('nothing to do')
    expect(planned.stderr.split('\n').filter(line => line.includes('policy-invalid'))).toHaveLength(2)
    world.tree.policy('')
  })

  test('a tree that is not there is an error, and nothing is taken away', async () => {
    const planned = await inText('plan', '--pve-root', '/nonexistent')
    expect(planned).toMatchObject({ exitCode: 1, stdout: 'nothing to do' })
    expect(planned.stderr).toContain('cluster-unreadable')
  })
})

describe('status', () => {
  test('tells without an agent what a look at the node shows', async () => {
    const { exitCode, stdout } = await guestnet(world.node, 'status')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      agent: false,
      problems: [{ code: 'agent-down' }],
      nics: [
        { vmid: 100, state: 'served' },
        { vmid: 101, state: 'served' },
      ],
    })
  })

  test('shows people a table', async () => {
    const { stdout } = await inText('status')
    expect(stdout).toContain('VM 101 net0  52:54:00:00:00:65  vmbr0    192.0.2.101/24  served  until 20')
  })
})

describe('the agent', () => {
  test('refuses to run twice under one name, and says who runs', async () => {
    const agent = await runAgent(world)
    const second = await inText('run')
    expect(second.exitCode).toBe(1)
    expect(second.stderr).toContain(`Another agent named ${world.node.agentName} is running`)
    const applied = await inText('apply')
    expect(applied.exitCode).toBe(1)
    expect(applied.stderr).toContain('an agent is running')
    expect((await inText('teardown')).exitCode).toBe(1)
    await agent.stop()
  })

  test('leaves everything served when it stops', async () => {
    const leased = await withRawClient(world.node.guest(100).port(), client => client.exchange())
    expect(leased?.address).toBe('192.0.2.100')
  })
})

describe('parse', () => {
  test('prints a line a file, in order, also of files with problems, and ends with 0', async () => {
    const files = ['qemu-server/205', 'lxc/305', 'qemu-server/204'].map(name =>
      resolve(`test/fixtures/configs/${name}.conf`),
    )
    const { exitCode, stdout } = await world.node.attempt(process.execPath, [
      resolve('dist/guestnet.js'),
      'parse',
      '--output',
      'json',
      ...files,
    ])
    expect(exitCode).toBe(0)
    const expected = files.map(
      file => JSON.parse(readFileSync(file.replace(/conf$/, 'json'), 'utf8')) as object,
    )
    expect(stdout.split('\n').map(line => JSON.parse(line) as object)).toMatchObject(expected)
  })
})

describe('the command line', () => {
  test.each(['run', 'plan', 'apply', 'status', 'parse', 'teardown'])(
    '%s explains itself with examples',
    async verb => {
      const { exitCode, stdout } = await inText(verb, '--help')
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`guestnet ${verb}`)
      expect(stdout).toContain('Examples:')
    },
  )

  test('says what is wrong with an unknown option', async () => {
    const { exitCode, stderr } = await inText('plan', '--colour')
    expect(exitCode).toBe(1)
    expect(stderr).toContain("unknown option '--colour'")
  })
})

test('teardown removes everything that is guestnet’s and nothing else', async () => {
  await world.node.run('nft', ['add', 'table', 'netdev', 'somebody-elses'])
  await world.node.run('ip', ['netns', 'add', 'somebody'])
  const torn = await inText('teardown')
  expect(torn).toMatchObject({ exitCode: 0, stderr: '' })
  const after = await snapshot()
  expect(after.nft.trim()).toBe('table netdev somebody-elses {\n}')
  expect(after.namespaces.trim()).toBe('somebody')
  expect(after.links).not.toContain(world.node.agentName)
  expect(after.links).toContain('tap100i0')
  expect(existsSync(world.node.runDir)).toBe(false)
  expect((await inText('teardown')).exitCode).toBe(0)
})
