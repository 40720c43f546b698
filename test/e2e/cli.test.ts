import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asNobody, commonOptions, guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { StatusSchema } from '../../src/core/report/schema.ts'
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
  test('plan prints, line for line, what apply then does, and changes nothing itself, and neither any bridge', async () => {
    const before = await snapshot()
    const bridged = () => world.node.run('bridge', ['link'])
    const ports = await bridged()
    const planned = await inText('plan')
    expect(planned).toExitWith(2)
    expect(await snapshot()).toEqual(before)
    expect(existsSync(join(world.node.runDir, 'kea'))).toBe(false)
    const applied = await inText('apply')
    expect(applied).toMatchObject({ exitCode: 0, stdout: planned.stdout })
    expect(ports).toContain('tap100i0')
    expect(await bridged()).toBe(ports)
    expect(planned.stdout).toMatch(/^DHCP: 7 changes\n {2}\+ .*\n\n7 changes: \+ 6, ~ 1$/s)
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
    const { changes } = JSON.parse(planned.stdout) as { changes: { mark: string; description: string }[] }
    expect(planned).toExitWith(2)
    const marked = text.stdout.split('\n').filter(line => line.startsWith('  '))
    expect(changes.map(({ mark, description }) => `  ${mark} ${description}`)).toEqual(marked)
    world.tree.edit(100, line => line.replace('192.0.2.77', '192.0.2.100'))
  })

  test('an invalid policy that was never valid changes nothing and is an error', async () => {
    world.tree.policy('dhcp: [1]\nbgp2: {}\n')
    const planned = await inText('plan', '--state-dir', world.lab.folder('empty'))
    expect(planned).toExitWith(1)
    expect(planned.stdout).toBe(
      'THE POLICY IS INVALID and there was no valid one before: nothing is changed\nnothing to do',
    )
    expect(planned.stderr.split('\n').filter(line => line.includes('policy-invalid'))).toHaveLength(2)
    world.tree.policy('')
  })

  test('a tree that is not there is an error, and nothing is taken away', async () => {
    const planned = await inText('plan', '--pve-root', '/nonexistent')
    expect(planned).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/\nnothing to do$/) })
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
    expect(stdout).toMatch(/^VM 101 net0 +guest101 +vmbr0 +192\.0\.2\.101\/24 +served +\d+ minutes left$/m)
    expect(stdout.split('\n')[0]).toBe('node pve1: 1 problem, the worst is agent-down')
    expect(stdout).toContain('→ Start it: guestnet run')
    const { stdout: one } = await inText('status', '--guest', '101')
    expect(one).toContain('net0 52:54:00:00:00:65 at tap101i0')
    expect(one).not.toContain('VM 100')
  })

  test('prints what the published schema says, and nothing else', async () => {
    const { stdout } = await guestnet(world.node, 'status')
    expect(StatusSchema.strict().safeParse(JSON.parse(stdout)).error).toBeUndefined()
  })

  test('speaks to monitoring', async () => {
    const agent = await runAgent(world)
    expect(await inText('status', '--check')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^GUESTNET OK - all is well \| problems=0 critical=0 served=2 [^\n]*$/),
    })
    await agent.stop()
    expect(await inText('status', '--check')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(
        /^GUESTNET CRITICAL - 1 problem: No agent runs .* \[agent-down\] \| problems=1 /,
      ),
    })
  })

  test.each([
    [['--guest', 'abc'], 'It must be the number of a guest'],
    [['--guest', '999'], 'guest 999 has no static address on this node'],
    [['--check', '--output', 'json'], 'cannot be used with'],
    [['--all', '--problems'], 'cannot be used with'],
  ])('refuses %j', async (args, why) => {
    const { exitCode, stdout, stderr } = await inText('status', ...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(why)
  })
})

describe('the agent', () => {
  test('refuses to run twice under one name, and says who runs', async () => {
    const agent = await runAgent(world)
    const second = await inText('run')
    expect(second).toExitWith(1)
    expect(second.stderr).toContain(`Another agent named ${world.node.agentName} is running`)
    const applied = await inText('apply')
    expect(applied).toExitWith(1)
    expect(applied.stderr).toContain('an agent is running')
    expect(await inText('teardown')).toExitWith(1)
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

  test.each(['plan', 'teardown', 'events'])('%s has no option in its help that it ignores', async verb => {
    const { stdout } = await inText(verb, '--help')
    expect(stdout).not.toContain('--watch')
    expect(stdout.includes('--pve-root')).toBe(verb === 'plan')
    expect(stdout).toContain('--state-dir')
  })

  test.each([
    [['events', '--vmid', 'abc'], 'It must be the number of a guest'],
    [['explain', 'abc'], 'It must be the number of a guest'],
    [['doctor', '--listen', 'long'], 'It must be a number of seconds'],
  ])('refuses %j', async ([verb = '', ...args], why) => {
    const { exitCode, stderr } = await inText(verb, ...args)
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(why) })
  })

  test('a hook’s phase that Proxmox does not have does nothing, says so, and fails no guest', async () => {
    const { exitCode, stdout } = await inText('hook', '100', 'start')
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('"start" is none of Proxmox’s phases'),
    })
  })

  test.each(['run', 'plan', 'apply', 'status', 'teardown', 'drain'])(
    '%s ends with one clear line where it is not root’s',
    async verb => {
      const { exitCode, stdout, stderr } = await asNobody(world.node, [verb, ...commonOptions(world.node)])
      expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 1, stdout: '' })
      expect(stderr).toMatch(new RegExp(`^guestnet: guestnet ${verb} has to be run by root[^\\n]*$`))
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
  const before = await snapshot()
  const dry = await inText('teardown', '--dry-run')
  expect(await snapshot()).toEqual(before)
  expect(dry.stdout).toMatch(/^end Kea process \d+ in namespace 1$/m)
  expect(dry.stdout.split('\n').at(-1)).toContain(`keep the folder ${world.node.stateDir}: leases`)
  const torn = await inText('teardown')
  expect(torn.stdout).toBe(dry.stdout)
  expect(existsSync(world.node.stateDir)).toBe(true)
  expect(torn).toMatchObject({ exitCode: 0, stderr: '' })
  const after = await snapshot()
  expect(after.nft.trim()).toBe('table netdev somebody-elses {\n}')
  expect(after.namespaces.trim()).toBe('somebody')
  expect(after.links).not.toContain(world.node.agentName)
  expect(after.links).toContain('tap100i0')
  expect(existsSync(world.node.runDir)).toBe(false)
  expect(await inText('teardown')).toExitWith(0)
  const purged = await inText('teardown', '--purge')
  expect(purged).toMatchObject({ exitCode: 0, stdout: `remove the folder ${world.node.stateDir}` })
  expect(existsSync(world.node.stateDir)).toBe(false)
})
