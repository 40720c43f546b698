import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commonOptions, inText } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

/** What a tenant may write into the configuration of a guest of his, and what becomes of the others. */

let world: World

beforeEach(async () => {
  world = await createWorld({ prefix: 'hos', plain: true })
  for (const vmid of [100, 101])
    world.tree.write('pve1', 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1' }))
  await world.node.startAll([100, 101])
})
afterEach(() => world.lab.close())

/** 32 NICs, each with an address, and thousands of things that are wrong. */
function worstOf(vmid: number): string {
  const nics = Array.from({ length: 32 }, (_, nic) => [
    `net${nic}: virtio=${macOf(vmid, nic)},bridge=vmbr0`,
    `ipconfig${nic}: ip=198.51.100.${nic + 1}/32`,
  ]).flat()
  const lists = [`nameserver: ${'a '.repeat(4200)}`, `searchdomain: ${'b '.repeat(4200)}`]
  return [...nics, ...lists, ...Array.from({ length: 500 }, (_, number) => `nonsense${number}: x`), ''].join(
    '\n',
  )
}

test('thousands of mistakes of one guest are a handful of problems, and the others are served', async () => {
  world.tree.write('pve1', 'qemu', 666, worstOf(666))
  await world.node.start(666)
  await runAgent(world)
  await served(world, 100, 101)
  const { problems } = await reportOf(world, report => report.problems.length > 0)
  expect(problems.filter(({ vmid }) => vmid === 666).length).toBeLessThanOrEqual(10)
  expect(problems.map(({ code }) => code)).toContain('more-problems')
  world.tree.edit(101, text => text.replace('192.0.2.101', '192.0.2.55'))
  const lease = await withRawClient(world.node.guest(101).port(), client =>
    client.probe({ everyMs: 50, timeoutMs: 12_000, until: ({ address }) => address === '192.0.2.55' }),
  )
  expect(lease).toBeDefined()
})

test('an agent whose work fails says so first, since when and why, and no longer once it is well', async () => {
  const folder = world.lab.folder('bin')
  const broken = join(folder, 'broken')
  const script = `#!/bin/sh\nif [ -e ${broken} ]; then echo "no ip today" >&2; exit 1; fi\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip "$@"\n`
  writeFileSync(join(folder, 'ip'), script)
  chmodSync(join(folder, 'ip'), 0o755)
  writeFileSync(broken, '')
  world.node.spawn('agent', 'env', [
    ...[
      `PATH=${folder}:${process.env.PATH}`,
      process.execPath,
      join(process.cwd(), 'dist/guestnet.js'),
      'run',
    ],
    ...commonOptions(world.node),
  ])
  const dump = () => world.lab.dump()
  const status = () => inText(world.node, ['status'])
  await eventually(
    'without any report the reason is told',
    async () => {
      const { exitCode, stderr } = await status()
      return exitCode === 1 && stderr.includes('no ip today')
    },
    { timeoutMs: 15_000, dump },
  )
  rmSync(broken)
  await served(world, 100, 101)
  const { servers } = await reportOf(world, report => report.servers[0]?.pid !== undefined)
  const kea = servers[0]?.pid
  if (kea === undefined) throw new Error('no Kea')
  writeFileSync(broken, '')
  // Of what its links are the agent has heard all there is: where a Kea hangs it looks at everything.
  process.kill(kea, 'SIGSTOP')
  await eventually(
    'with an older report the failure is on top of it',
    async () => {
      const { exitCode, stdout } = await status()
      return exitCode === 1 && /^.*the worst is loop-failed\n\nloop-failed\n[^→]*no\s+ip\s+today/.test(stdout)
    },
    { timeoutMs: 15_000, dump },
  )
  rmSync(broken)
  await reportOf(world, ({ problems }) => problems.length === 0)
})
