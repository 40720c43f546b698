import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { guestnet, nothingLeft, startAgent } from '../../lab/agent.ts'
import { RawClient, withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { createWorld, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld({ prefix: 'harm', plain: true })
  for (const vmid of [100, 101, 102]) {
    world.tree.write('pve1', 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1' }))
  }
  await world.node.startAll([100, 101])
})
afterEach(() => world.lab.close())

async function offered(vmid: number, address = `192.0.2.${vmid}`) {
  await withRawClient(world.node.guest(vmid).port(), async client => {
    const probe = await client.probe({
      everyMs: 50,
      timeoutMs: 12_000,
      until: lease => lease.address === address,
    })
    if (!probe) throw new Error(`${vmid} is not offered ${address}\n${await world.lab.dump()}`)
  })
}

async function codes(until: (codes: string[]) => boolean): Promise<string[]> {
  const report = await reportOf(world, ({ problems }) => until(problems.map(({ code }) => code)))
  return report.problems.map(({ code }) => code)
}

describe('a guest’s file', () => {
  beforeEach(async () => {
    await runAgent(world)
    await served(world, 100, 101)
  })

  const damages = [
    { name: 'is empty', text: () => '' },
    { name: 'is binary', text: () => '\0\x01\xff'.repeat(50) },
    // Never the same for long: one that stays as it is counts as cut off on purpose after two seconds.
    { name: 'lost its end', text: (whole: string, turn: number) => whole.slice(0, 20 + (turn % 2)) },
  ]
  test.each(damages)('that $name for a moment changes nothing, and it is told', async ({ text }) => {
    const { path } = world.tree.find(100)
    const whole = vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' })
    let turn = 0
    const writing = setInterval(() => writeFileSync(path, text(whole, turn++)), 100)
    try {
      await codes(all => all.includes('config-unreadable'))
      await offered(100)
    } finally {
      clearInterval(writing)
    }
    writeFileSync(path, whole.replace('192.0.2.100', '192.0.2.77'))
    await offered(100, '192.0.2.77')
    await codes(all => all.length === 0)
  })

  test('that is gone while its port is here goes on being served until the port is gone', async () => {
    world.tree.remove(100)
    await codes(all => all.length === 1 && all[0] === 'config-missing')
    await offered(100)
    await world.node.stop(100)
    await reportOf(world, ({ nics }) => nics.every(({ vmid }) => vmid !== 100))
    await codes(all => all.length === 0)
  })
})

describe('a full or read-only disk', () => {
  test('for the state directory: everything is served, edits included, and it is told', async () => {
    await world.node.run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', world.node.stateDir])
    await world.node.run('sh', [
      '-c',
      `dd if=/dev/zero of=${world.node.stateDir}/filler bs=1k 2>/dev/null || true`,
    ])
    await runAgent(world)
    await served(world, 100, 101)
    await withRawClient(world.node.guest(100).port(), client => client.exchange())
    await codes(all => all.includes('state-unwritable'))
    world.tree.edit(101, text => text.replace('192.0.2.101', '192.0.2.55'))
    await offered(101, '192.0.2.55')
    const leased = await withRawClient(world.node.guest(101).port(), client => client.exchange())
    expect(leased?.address).toBe('192.0.2.55')
  })

  test('for the run directory: what is served goes on, a guest that starts is served, edits wait', async () => {
    const { runDir } = world.node
    await world.node.run('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=755', 'tmpfs', runDir])
    await runAgent(world)
    await served(world, 100, 101)
    await world.node.run('sh', ['-c', `dd if=/dev/zero of=${runDir}/filler bs=1k 2>/dev/null || true`])
    const leased = await withRawClient(world.node.guest(100).port(), client => client.exchange())
    expect(leased?.address).toBe('192.0.2.100')
    await world.node.start(102)
    await offered(102)
    world.tree.edit(101, text => text.replace('192.0.2.101', '192.0.2.55'))
    await codes(all => all.includes('kea-failed'))
    await offered(101)
    await world.node.run('rm', [`${runDir}/filler`])
    await offered(101, '192.0.2.55')
  })

  test('a read-only run directory at the agent’s start keeps it from nothing but being asked', async () => {
    await runAgent(world).then(agent => agent.stop())
    await offered(100)
    await world.node.run('mount', ['--bind', world.node.runDir, world.node.runDir])
    await world.node.run('mount', ['-o', 'remount,ro,bind', world.node.runDir])
    const agent = startAgent(world.node)
    await world.node.start(102)
    await offered(102)
    expect(agent.running).toBe(true)
  })
})

describe('programs that fail', () => {
  /** Puts a program before the real one on the agent's path; `guard` is shell that may exit. */
  function pathWith(program: string, guard: string): string {
    const folder = world.lab.folder('bin')
    const script = `#!/bin/sh\nreal=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${program})\n${guard}\n`
    writeFileSync(join(folder, program), script)
    chmodSync(join(folder, program), 0o755)
    return `${folder}:${process.env.PATH}`
  }

  async function runAgentWithPath(path: string) {
    const agent = world.node.spawn('agent', 'env', [
      `PATH=${path}`,
      process.execPath,
      join(process.cwd(), 'dist/guestnet.js'),
      'run',
      ...['--pve-root', world.tree.root, '--node', 'pve1', '--name', world.node.agentName],
      ...['--run-dir', world.node.runDir, '--state-dir', world.node.stateDir],
    ])
    await reportOf(world, report => report.agent)
    return agent
  }

  test.each([
    [
      'is kept running',
      'if [ "$2" = -i ]; then while IFS= read -r line; do case $line in *tap101i0*) echo "Error: no tap101i0 today" >&2;; *) printf "%s\\n" "$line";; esac; done | exec "$real" "$@"; fi; ',
    ],
    ['cannot be kept running', 'if [ "$2" = -i ]; then exit 1; fi; '],
  ])('nft that %s, always for one port: the others are served, and it is told which', async (_, kept) => {
    const path = pathWith(
      'nft',
      `${kept}if [ "$1" = -f ]; then input=$(cat); case $input in *tap101i0*) echo "no tap101i0 today" >&2; exit 1;; esac; printf "%s\\n" "$input" | exec "$real" "$@"; fi; exec "$real" "$@"`,
    )
    await runAgentWithPath(path)
    await offered(100)
    const report = await reportOf(world, ({ problems }) =>
      problems.some(({ code }) => code === 'change-failed'),
    )
    expect(report.problems.map(({ message }) => message).join()).toContain('no tap101i0 today')
    expect(report.nics.find(({ vmid }) => vmid === 101)?.state).toBe('pending')
    await world.node.start(102)
    await offered(102)
  })

  test('ip, once: the next look does without', async () => {
    const once = join(world.lab.folder('bin'), 'failed')
    const path = pathWith('ip', `if [ ! -e ${once} ]; then : > ${once}; exit 1; fi; exec "$real" "$@"`)
    await runAgentWithPath(path)
    await offered(100)
  })
})

test('an agent killed at any moment leaves every served guest served, and nothing behind', async () => {
  await runAgent(world).then(agent => agent.stop())
  const client = await RawClient.open(world.node.guest(100).port())
  let isTalking = true
  let lost = 0
  const talk = (async () => {
    while (isTalking) {
      if (!(await client.exchange({ timeoutMs: 3000, everyMs: 60_000 }))) lost++
      // Below what a port lets through.
      await pause(50)
    }
  })()
  for (let turn = 0; turn < 12; turn++) {
    const agent = startAgent(world.node)
    world.tree.edit(101, text => text.replace(/ip=[0-9.]+/, `ip=10.0.0.${turn + 1}`))
    // Not a wait for anything: the moment is what varies, through start, Kea's start, switch and retirement.
    await pause(150 + turn * 50)
    agent.signal('SIGKILL')
    await agent.exited
  }
  await runAgent(world)
  await offered(101, '10.0.0.12')
  isTalking = false
  await talk
  client.close()
  expect(lost).toBe(0)
  await eventually('one Kea is left', async () => (await reportOf(world)).servers.length === 1)
  await nothingLeft(world.node)
})

test('after a reboot of the node leases are what they were', async () => {
  const agent = await runAgent(world)
  await served(world, 100)
  await withRawClient(world.node.guest(100).port(), client => client.exchange())
  const leaseOf = async () => (await reportOf(world)).nics.find(({ vmid }) => vmid === 100)?.lease?.since
  const before = await eventually('the lease is seen', leaseOf)
  await eventually('it is kept', async () => {
    const { stdout } = await world.node.attempt('sh', ['-c', `cat ${world.node.stateDir}/leases/*`])
    return stdout.includes('192.0.2.100')
  })
  await agent.stop()
  expect(await guestnet(world.node, 'teardown')).toExitWith(0)
  mkdirSync(world.node.runDir, { recursive: true })
  await runAgent(world)
  await served(world, 100)
  expect(await leaseOf()).toBe(before)
})
