import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { ProxmoxLogin } from '../../lab/proxmoxLogin.ts'
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

/** Opens more connections than are held and says nothing, not even to begin TLS; ends when the last one is closed. */
const SILENT = `
  let open = 80
  const closed = () => --open === 0 && process.stdout.write('all are closed')
  for (let number = 0; number < 80; number++)
    require('node:net').connect(8068, '127.0.0.1').on('error', () => undefined).on('close', closed)
`

describe('from elsewhere', () => {
  let login: ProxmoxLogin
  const OPEN = 'http: {listen: "0.0.0.0:8068", users: [alice@pve]}\n'

  beforeAll(async () => {
    login = await ProxmoxLogin.create(world.tree, ['pve1'], ['alice@pve', 'bob@pve'])
    world.tree.policy(OPEN)
    await eventually('it is open', async () => (await status('/')) === 401, { dump: () => world.lab.dump() })
  })

  /** Asks as a browser does that trusts the cluster; the status of what it gets. */
  async function status(path: string, ...options: string[]): Promise<number> {
    const { stdout, stderr } = await world.node.attempt('curl', [
      ...['-sS', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '10'],
      ...['--cacert', login.certificateOf('pve1'), '--resolve', 'pve1:8068:127.0.0.1'],
      ...options,
      `https://pve1:8068${path}`,
    ])
    return Number(stdout) || Promise.reject(new Error(stderr))
  }
  const withCookie = (cookie: string) => status('/api/report', '--cookie', cookie)
  const withToken = (secret: string) => status('/metrics', '--header', `Authorization: Bearer ${secret}`)

  test('who is signed in at Proxmox, and whom the policy names, may look, and nobody else', async () => {
    expect(await withCookie(login.cookie('root@pam'))).toBe(200)
    expect(await withCookie(login.cookie('alice@pve', 7000))).toBe(200)
    expect(await withCookie(login.cookie('bob@pve'))).toBe(403)
    expect(await withCookie(login.cookie('root@pam', 7300))).toBe(401)
    expect(
      await withCookie(
        login.cookie('root@pam', 0, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      ),
    ).toBe(401)
    expect(await withCookie(login.cookie('!tfa!root@pam'))).toBe(401)
    for (const path of ['/', '/api/report', '/api/timeline', '/api/events', '/metrics'])
      expect(await status(path)).toBe(401)
  })

  test('a machine may with a token, until that is removed', async () => {
    const { stdout } = await guestnet(world.node, 'token', 'create', 'prometheus')
    const { secret } = JSON.parse(stdout) as { secret: string }
    expect(await withToken(secret)).toBe(200)
    expect(await guestnet(world.node, 'token', 'remove', 'prometheus')).toExitWith(0)
    expect(await withToken(secret)).toBe(401)
  })

  test('a name that is not the node’s is refused before anything else', async () => {
    expect(
      await status('/', '--header', 'Host: evil.example:8068', '--cookie', login.cookie('root@pam')),
    ).toBe(421)
  })

  test('another certificate is taken, and the door closes with the policy', async () => {
    await login.certify('pve1')
    world.tree.edit(100, text => text)
    await eventually('the new one is shown', async () => (await withCookie(login.cookie('root@pam'))) === 200)
    world.tree.policy('{}\n')
    await eventually('it is closed', async () => (await status('/').catch(() => 0)) === 0)
    world.tree.policy(OPEN)
    await eventually('it is open again', async () => (await status('/')) === 401)
  })

  test('connections that say nothing are closed, and keep nobody on the node from looking', async () => {
    const silent = world.node.run(process.execPath, ['-e', SILENT])
    expect(await fetched('/api/report')).toContain('"agentState"')
    expect(await silent).toBe('all are closed')
  })

  test('who fails again and again is no longer listened to', async () => {
    await eventually('it is barred', async () => (await withToken('guess')) === 429)
    expect(await withCookie(login.cookie('root@pam'))).toBe(429)
    expect(await fetched('/api/report')).toContain('"agentState"')
  })
})
