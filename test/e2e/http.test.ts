import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Status } from '../../src/core/report/schema.ts'
import { createWorld, reportOf, runAgent, served, vm, type World } from './world.ts'

/** What the agent of a node tells by HTTP. */

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'web', plain: true })
  world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '203.0.113.100/24', gw: '203.0.113.1' }))
  world.tree.write('pve1', 'qemu', 101, vm(101, { ip: '203.0.113.101/24', gw: '203.0.113.1' }))
})
afterAll(async () => {
  await guestnet(world.node, 'teardown')
  await world.lab.close()
})

const PLACE = 'http://127.0.0.1:8067'

async function fetched(path: string, ...options: string[]): Promise<string> {
  return await world.node.run('curl', ['-sS', '--fail', '--max-time', '10', ...options, PLACE + path])
}

test('an agent whose place is taken says so and goes on, and takes it as soon as it is free', async () => {
  const other = world.node.spawn('other', process.execPath, [
    '-e',
    'require("node:net").createServer().listen(8067, "127.0.0.1")',
  ])
  await eventually('somebody else listens', async () =>
    (await world.node.run('ss', ['-Hltn', 'sport = :8067'])).includes('8067'),
  )
  await runAgent(world)
  await world.node.start(100)
  await served(world, 100)
  const { problems } = await reportOf(world)
  expect(problems).toMatchObject([
    { code: 'http-unavailable', message: expect.stringContaining('another program') },
  ])
  await other.stop()
  await reportOf(world, report => report.problems.length === 0)
  expect(await fetched('/api/report')).toContain('"agentState":"running"')
})

test('what is told is what status prints', async () => {
  const told = JSON.parse(await fetched('/api/report')) as Status
  const printed = JSON.parse((await guestnet(world.node, 'status')).stdout) as Status
  expect({ ...told, time: 0 }).toEqual({ ...printed, time: 0 })
  expect(JSON.parse(await fetched('/api/timeline'))).toContainEqual(
    expect.objectContaining({ kind: 'change', vmid: 100 }),
  )
})

test('who follows is told when a guest starts', async () => {
  const stream = world.node.spawn('stream', 'curl', ['-sSN', `${PLACE}/api/events`])
  const said = () => readFileSync(stream.logFile, 'utf8')
  await eventually('the stream begins', () => said().includes('retry'))
  await world.node.start(101)
  await eventually(
    'the change arrives',
    () => said().includes('event: report') && said().includes('"vmid":101'),
    {
      dump: said,
    },
  )
  await stream.stop()
})
