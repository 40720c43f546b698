import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet, inText } from '../../lab/agent.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabProcess } from '../../lab/process.ts'
import type { Step } from '../../src/core/report/step.ts'
import { createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World
let agent: LabProcess

beforeAll(async () => {
  world = await createWorld({ prefix: 'chk' })
  for (const vmid of [100, 101])
    world.tree.write('pve1', 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1' }))
  await world.node.startAll([100, 101])
  agent = await runAgent(world)
  await served(world, 100, 101)
})
afterAll(() => world?.lab.close())

interface Checked {
  readonly exitCode: number | undefined
  readonly steps: readonly Step[]
}

async function check(...args: string[]): Promise<Checked> {
  const { exitCode, stdout, stderr } = await guestnet(world.node, 'check', ...args)
  if (stdout === '') throw new Error(stderr)
  const { guests } = JSON.parse(stdout) as { guests: { steps: Step[] }[] }
  return { exitCode, steps: guests.flatMap(({ steps }) => steps) }
}

const stateOf = ({ steps }: Checked, name: Step['step']) => steps.find(({ step }) => step === name)?.state

test('a guest that is well is proved so, and has leased nothing by it', async () => {
  const checked = await check('100')
  expect(checked.steps.map(({ step, state }) => `${step} ${state}`)).toEqual([
    'configuration good',
    'offer good',
    'port good',
    'server good',
    'exchange good',
    'wire good',
  ])
  expect(checked).toExitWith(0)
  const { nics } = await reportOf(world)
  expect(nics.filter(({ lease, requests }) => lease !== undefined || requests !== 0)).toEqual([])
})

test('a guest of both families is proved in each, also while it has leased both', async () => {
  const { node, tree } = world
  tree.write('pve1', 'qemu', 102, vm(102, { ip: '192.0.2.102/24', ip6: '2001:db8::102/64' }))
  await node.start(102)
  await served(world, 102)
  const proved = (steps: readonly Step[]) =>
    steps
      .filter(({ step }) => step === 'exchange')
      .map(({ family, state, detail }) => `${family} ${state} ${detail}`)
  const expected = [
    `ipv4 good Kea offers 192.0.2.102 to ${macOf(102)} when asked`,
    `ipv6 good Kea offers 2001:db8::102 to ${macOf(102)} when asked`,
  ]
  expect(proved((await check('102')).steps)).toEqual(expected)
  const duid = Buffer.from('0002000000ab112233', 'hex')
  expect(await withRawClient6(node.guest(102).port(), client => client.lease({ duid }))).toBe('2001:db8::102')
  expect(proved((await check('102')).steps)).toEqual(expected)
  tree.remove(102)
})

test('all guests are proved in one line', async () => {
  const { exitCode, stdout } = await inText(world.node, ['check', '--all'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '2 guests: all is proved' })
})

test('a second holder of an address on the LAN is found, with its MAC', async () => {
  const { lan } = world
  await lan.ip([`addr add 192.0.2.100/24 dev ${lan.link}`])
  const checked = await eventually('it is found', async () => {
    const found = await check('100')
    return stateOf(found, 'wire') === 'broken' && found
  })
  expect(checked).toExitWith(2)
  await lan.ip([`addr del 192.0.2.100/24 dev ${lan.link}`])
  expect(stateOf(await check('100'), 'wire')).toBe('good')
})

test('a Kea that hangs is found, whoever believes it well', async () => {
  const { servers } = await reportOf(world, report => report.servers[0]?.pid !== undefined)
  const pid = servers[0]?.pid ?? 0
  await agent.stop()
  process.kill(pid, 'SIGSTOP')
  try {
    const checked = await check('100')
    expect([stateOf(checked, 'exchange'), checked.exitCode]).toEqual(['broken', 2])
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await eventually('it is well again', async () => stateOf(await check('100'), 'exchange') === 'good')
})

test.each([
  [[], 'name a guest, or give --all'],
  [['abc'], 'It must be the number of a guest'],
])('%j is refused', async (args, why) => {
  const { exitCode, stderr } = await inText(world.node, ['check', ...args])
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(why) })
})
