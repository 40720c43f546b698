import { afterEach, beforeEach, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { birdPaths } from '../../src/bird/paths.ts'
import type { Report } from '../../src/core/report/report.ts'
import { createWorld, runAgent, served, vm, type World } from './world.ts'

/** What somebody with an account on the node may do, and what the agent does all the same. */

let world: World

beforeEach(async () => {
  world = await createWorld({ prefix: 'usr', plain: true })
  world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '203.0.113.100/24', gw: '203.0.113.1' }))
  await world.node.start(100)
})
afterEach(async () => {
  await guestnet(world.node, 'teardown')
  await world.lab.close()
})

const NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups']

async function report(): Promise<Report> {
  return JSON.parse((await guestnet(world.node, 'status')).stdout) as Report
}

const TRUE_HERE = new Set<string>(['agent-down', 'forwarding-off', 'peer-down'])

test('processes with the arguments of guestnet’s BIRD are not taken for it', async () => {
  const { node, tree } = world
  tree.policy(
    'announce: {table: 100, networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24]}]}\nbgp: {as: 65001, peers: [{name: rtr01, address: 192.0.2.1, as: 65000}]}\n',
  )
  const { config, pid, socket } = birdPaths(node.runDir)
  const words = ['-f', '-c', config, '-s', socket, '-P', pid]
  const fakes = Array.from({ length: 40 }, (_, number) =>
    node.spawn(`fake${number}`, 'setpriv', [
      ...NOBODY,
      'perl',
      '-e',
      '$| = 1; print "up\n"; sleep 600',
      '--',
      ...words,
    ]),
  )
  await eventually('the fakes are there', async () => {
    const { stdout } = await node.attempt('sh', ['-c', `grep -lsF ${config} /proc/[0-9]*/cmdline | wc -l`])
    return Number(stdout) >= fakes.length
  })
  expect(await guestnet(node, 'apply')).toExitWith(0)
  const { announcing, problems } = await report()
  expect(announcing?.bird?.state).toBe('running')
  // True here: nothing forwards, no agent runs, and nobody is at the peer's address.
  expect(problems.map(({ code }) => code).filter(code => !TRUE_HERE.has(code))).toEqual([])
  // Nor are they ended in its place.
  expect(await guestnet(node, 'teardown')).toExitWith(0)
  expect(fakes.every(fake => fake.running)).toBe(true)
})

test('the name that an older guestnet had as its lock is no lock for who binds it first', async () => {
  const { node } = world
  const squat = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un("\\0guestnet/${node.agentName}")) or die; listen($s, 5); $| = 1; print "bound\\n"; sleep 600`
  node.spawn('squatter', 'setpriv', [...NOBODY, 'perl', '-e', squat])
  await eventually('the name is bound', async () =>
    (await node.run('cat', ['/proc/net/unix'])).includes(`@guestnet/${node.agentName}`),
  )
  const agent = await runAgent(world)
  await served(world, 100)
  expect((await guestnet(node, 'apply')).stderr).toContain('an agent is running here')
  await agent.stop()
  expect(await guestnet(node, 'teardown')).toExitWith(0)
})
