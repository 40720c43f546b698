import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { isAnswering } from '../../src/bird/control.ts'
import type { Bird, BirdDaemon, RunningBird } from '../../src/bird/daemon.ts'
import { announcementsOf } from '../../src/bird/files.ts'
import type { PeerState } from '../../src/bird/readings.ts'
import type { BirdFiles } from '../../src/core/announcing/target.ts'
import { DONE } from '../../src/core/values/result.ts'
import { BirdRouter } from './birdRouter.ts'
import {
  announcement,
  type BirdWorld,
  birdOf,
  createBirdWorld,
  filesOf,
  GUEST_100,
  pingsThrough,
  routeTo,
} from './birdWorld.ts'

let world: BirdWorld
let router: BirdRouter
let daemon: BirdDaemon

beforeAll(async () => {
  world = await createBirdWorld('bird')
  router = new BirdRouter(world)
  daemon = birdOf(world)
})

afterAll(() => world?.lab.close())

const until = <T>(what: string, question: () => Promise<T | undefined | false>, timeoutMs = 15_000) =>
  eventually(what, question, { timeoutMs, everyMs: 5, dump: dumpWorld })

async function dumpWorld(): Promise<string> {
  const log = existsSync(daemon.paths.log) ? readFileSync(daemon.paths.log, 'utf8') : ''
  const bird = JSON.stringify(await daemon.observe(), null, 1)
  return [bird, log, await router.birdc('show', 'protocols', 'all', 'node'), await world.lab.dump()].join(
    '\n',
  )
}

/** BIRD, once its one session is up and the routes are through. */
async function established(): Promise<RunningBird> {
  return await until('the session is up', async () => {
    const bird = await daemon.observe()
    const isThrough = ({ isUp, channels }: PeerState) =>
      isUp && channels.every(({ exported }) => exported > 0)
    return bird.state === 'running' && bird.peers.every(isThrough) && bird
  })
}

/** Files as guestnet first wrote them: nothing in them is for itself alone. */
function withoutComments({ config, guests4, guests6 }: BirdFiles): BirdFiles {
  const without = (text: string) => text.replaceAll(/^# (?:guestnet: )?\{.*\n/gm, '')
  return { config: without(config), guests4: without(guests4), guests6: without(guests6) }
}

/** As a guestnet wrote it whose BIRD made no ways to guests. */
function withoutWays(files: BirdFiles): BirdFiles {
  const sections = files.config.split('\n\n').filter(section => !section.startsWith('# Ways to guests'))
  const config = sections.join('\n\n').replace(/,"guestsTable":\d+/, '')
  return { ...files, config: config.replaceAll(/^ipv[46] table ways[46];\n?/gm, '') }
}

/** How many routes BIRD has made in the guests' table, of both families. */
async function waysOfBird(): Promise<number> {
  const { stdout } = await world.node.attempt('sh', [
    '-c',
    'ip route show table 100 proto bird; ip -6 route show table 100 proto bird',
  ])
  return stdout.split('\n').filter(Boolean).length
}

/** Functions for BIRD, each of which calls the one before ten times; BIRD does nothing else meanwhile. */
const EXPENSIVE = [
  'function times0(int n) { return n; }',
  ...[1, 2, 3, 4, 5, 6, 7].map(
    power =>
      `function times${power}(int n) { return ${Array(10)
        .fill(`times${power - 1}(n)`)
        .join(' + ')}; }`,
  ),
].join('\n')

const stateOf = async (): Promise<Bird['state']> => (await daemon.observe()).state

test('before it is started there is none', async () => {
  expect(await daemon.observe()).toEqual({ state: 'absent' })
})

describe('announcing over an uplink without IPv4', () => {
  test('a started BIRD takes IPv4 and IPv6 to the router’s kernel, and a ping goes through', async () => {
    expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
    await established()
    for (const { prefix } of GUEST_100) await until(`${prefix} is known`, () => routeTo(world.router, prefix))
    expect(await routeTo(world.router, '203.0.113.10/32')).toMatchObject({
      via: { family: 'inet6', host: '2001:db8:ffff::1' },
    })
    await until('pings', () => pingsThrough(world))
  })

  test('default routes come into a table of their own, and nothing else does', async () => {
    for (const family of ['-4', '-6']) {
      const routes = await world.node.ipJson<{ dst: string; protocol: string }>(
        family,
        'route',
        'show',
        'table',
        'all',
      )
      expect(routes.filter(({ protocol }) => protocol === 'bird')).toEqual([
        expect.objectContaining({ dst: 'default', table: '101' }),
      ])
    }
  })

  test('what BIRD says is told', async () => {
    const bird = await established()
    expect(bird).toMatchObject({
      version: expect.stringMatching(/^2\./),
      routerId: '100.90.100.1',
      files: filesOf(daemon),
    })
    expect(bird.files && announcementsOf(bird.files)).toEqual(GUEST_100)
    expect(bird.peers).toEqual([
      {
        peer: 'rtr01',
        protocol: 'peer_rtr01',
        isUp: true,
        bgpState: 'Established',
        since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        neighbour: '2001:db8:ffff::2',
        channels: [
          { family: 'ipv4', imported: 1, exported: 1 },
          { family: 'ipv6', imported: 1, exported: 1 },
        ],
      },
    ])
    expect(await daemon.exportedTo('peer_rtr01')).toEqual(new Set(GUEST_100.map(({ prefix }) => prefix)))
  })

  test('one more guest is known, with its communities, and gone again', async () => {
    const more = filesOf(daemon, {}, [...GUEST_100, announcement('203.0.113.11/32', 101, ['65000:7'])])
    expect(await daemon.configure(more)).toEqual(DONE)
    await until('203.0.113.11 is known', () => routeTo(world.router, '203.0.113.11/32'))
    const route = await router.birdc('show', 'route', '203.0.113.11/32', 'all')
    expect(route).toContain('BGP.large_community: (4220000001, 1, 101)')
    expect(route).toContain('BGP.community: (65000,7)')
    expect(await daemon.configure(filesOf(daemon))).toEqual(DONE)
    await until('it is gone', async () => (await routeTo(world.router, '203.0.113.11/32')) === undefined)
  })

  test('nothing outside the policy’s prefixes leaves the node', async () => {
    const stray = [...GUEST_100, announcement('198.51.100.77/32'), announcement('2001:db8:b::77/128')]
    expect(await daemon.configure(filesOf(daemon, {}, stray))).toEqual(DONE)
    const route = await router.birdc('show', 'route', 'protocol', 'node')
    expect(route).not.toContain('::77')
    expect(await daemon.exportedTo('peer_rtr01')).toEqual(new Set(GUEST_100.map(({ prefix }) => prefix)))
  })
})

describe('what BIRD is told anew', () => {
  test('when it refuses, it goes on with the former, which are also the ones on disk', async () => {
    await daemon.configure(filesOf(daemon))
    const broken = filesOf(daemon)
    const refused = await daemon.configure({
      ...broken,
      config: `${broken.config}\nprotocol bgp nonsense {\n`,
    })
    expect(refused).toMatchObject({ ok: false, reason: expect.stringMatching(/bird\.conf:\d+:\d+ .+/) })
    expect(await daemon.observe()).toMatchObject({ state: 'running', files: filesOf(daemon) })
  })

  test('draining reaches the router without a break in the session', async () => {
    const before = await established()
    expect(await daemon.configure(filesOf(daemon, { drain: true }))).toEqual(DONE)
    await until('GRACEFUL_SHUTDOWN is there', async () =>
      (await router.birdc('show', 'route', '203.0.113.10/32', 'all')).includes('(65535,0)'),
    )
    expect((await established()).peers[0]?.since).toBe(before.peers[0]?.since)
    expect(await daemon.configure(filesOf(daemon))).toEqual(DONE)
    await until(
      'and gone',
      async () => !(await router.birdc('show', 'route', '203.0.113.10/32', 'all')).includes('(65535,0)'),
    )
  })

  test('a restarted agent finds everything in force, and sends nothing', async () => {
    const before = await router.updates()
    const restarted = birdOf(world)
    const bird = await restarted.observe()
    expect(bird).toMatchObject({ state: 'running', files: filesOf(restarted) })
    expect(await restarted.configure(filesOf(restarted))).toEqual(DONE)
    await established()
    expect(await router.updates()).toBe(before)
  })

  test('an upgrade from a guestnet that told nothing of itself in comments sends nothing', async () => {
    const files = filesOf(daemon)
    const older = withoutComments(files)
    expect(await daemon.configure(older)).toEqual(DONE)
    const { since } = (await established()).peers[0] ?? {}
    const updates = await router.updates()
    const observed = await birdOf(world).observe()
    expect(observed).toMatchObject({ state: 'running', files: older })
    expect(announcementsOf(older)).toEqual(GUEST_100)
    expect(daemon.tables()).toEqual({ uplink: 101, guests: 100 })
    expect(await daemon.configure(files)).toEqual(DONE)
    // What comes later is behind all that was sent before.
    const more = announcement('203.0.113.11/32', 101)
    expect(await daemon.configure(filesOf(daemon, {}, [...GUEST_100, more]))).toEqual(DONE)
    await until('203.0.113.11 is known', () => routeTo(world.router, '203.0.113.11/32'))
    expect(await router.updates()).toBe(updates + 1)
    expect((await established()).peers[0]?.since).toBe(since)
    expect(await daemon.configure(files)).toEqual(DONE)
    await until('it is gone', async () => (await routeTo(world.router, '203.0.113.11/32')) === undefined)
  })

  test('an upgrade from a guestnet that announced by the bridge withdraws nothing, nor does the way back', async () => {
    const following = filesOf(
      daemon,
      {},
      GUEST_100.map(one => ({ ...one, port: 'tap100i0' })),
    )
    const older = withoutWays(filesOf(daemon))
    expect(await daemon.configure(older)).toEqual(DONE)
    const { since } = (await established()).peers[0] ?? {}
    const withdrawals = await router.withdrawals()
    for (const [files, ways] of [
      [following, 2],
      [older, 0],
    ] as const) {
      expect(await daemon.configure(files)).toEqual(DONE)
      await until(`BIRD makes ${ways} ways`, async () => (await waysOfBird()) === ways)
      for (const { prefix } of GUEST_100) expect(await routeTo(world.router, prefix)).toBeDefined()
    }
    expect(await router.withdrawals()).toBe(withdrawals)
    expect((await established()).peers[0]?.since).toBe(since)
    expect(await daemon.configure(filesOf(daemon))).toEqual(DONE)
  })

  test('an agent that died before it told BIRD is noticed', async () => {
    writeFileSync(daemon.paths.guests4, '# nothing\n')
    const bird = await established()
    expect(bird.files).toBeUndefined()
    expect(await daemon.configure(filesOf(daemon))).toEqual(DONE)
    expect((await established()).files).toEqual(filesOf(daemon))
  })
})

describe('a BIRD that is killed', () => {
  test('keeps its routes at the router until the next one has them', async () => {
    const { pid } = await established()
    const lost: string[] = []
    const watch = setInterval(async () => {
      for (const { prefix } of GUEST_100)
        if ((await routeTo(world.router, prefix)) === undefined) lost.push(prefix)
      for (const net of ['0.0.0.0/0', '::/0'])
        if ((await routeTo(world.node, net)) === undefined) lost.push(net)
    }, 50)
    process.kill(pid, 'SIGKILL')
    await until('it is gone', async () => (await stateOf()) === 'absent')
    expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
    await established()
    await until(
      'the router has it from the new one',
      async () => !(await router.birdc('show', 'route', 'all')).includes('stale'),
    )
    clearInterval(watch)
    expect(lost).toEqual([])
    expect(await pingsThrough(world)).toBe(true)
  })

  test('a stopped one is silent, and ends all the same', async () => {
    const { pid } = await established()
    process.kill(pid, 'SIGSTOP')
    expect(await daemon.observe()).toEqual({ state: 'silent', pid })
    await daemon.kill()
    expect(await stateOf()).toBe('absent')
    expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
    await established()
  })

  test('one that is busy for seconds is waited for', async () => {
    const files = filesOf(daemon)
    expect(await daemon.configure({ ...files, config: `${files.config}\n${EXPENSIVE}\n` })).toEqual(DONE)
    const { pid } = await established()
    const evaluate = (often: number) =>
      world.node.attempt('birdc', [
        '-s',
        daemon.paths.socket,
        'eval',
        Array(often).fill('times7(1)').join(' + '),
      ])
    let often = 1
    for (let tookMs = 0; tookMs < 3000; often *= 2) {
      const began = performance.now()
      expect(await evaluate(often)).toExitWith(0)
      tookMs = performance.now() - began
    }
    const evaluated = evaluate(often)
    await until('it answers nobody', async () => !(await isAnswering(daemon.paths.socket, 500)))
    expect(await daemon.observe()).toMatchObject({ state: 'running', pid })
    expect(await evaluated).toExitWith(0)
    expect(await daemon.configure(files)).toEqual(DONE)
  })

  test('one without socket and pid file is found', async () => {
    const { pid } = await established()
    rmSync(daemon.paths.socket)
    rmSync(daemon.paths.pid)
    expect(await daemon.observe()).toEqual({ state: 'silent', pid })
    await daemon.kill()
    expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
    await established()
  })

  test('killed, the router keeps its routes; stopped, it loses them', async () => {
    await daemon.kill()
    expect(await stateOf()).toBe('absent')
    expect(await routeTo(world.router, '203.0.113.10/32')).toBeDefined()
    expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
    await established()
    await daemon.stop()
    await until('it is withdrawn', async () => (await routeTo(world.router, '203.0.113.10/32')) === undefined)
  })
})
