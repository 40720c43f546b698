import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import type { Namespace } from '../../lab/namespace.ts'
import type { BirdDaemon } from '../../src/bird/daemon.ts'
import { renderSnippet } from '../../src/bird/external.ts'
import { findPortHolder, OTHER_PORT } from '../../src/bird/port179.ts'
import type { BirdPeer } from '../../src/bird/settings.ts'
import { BirdRouter } from './birdRouter.ts'
import {
  address,
  type BirdWorld,
  birdOf,
  createBirdWorld,
  fileIn,
  filesOf,
  GUEST_100,
  NODE_AS,
  NODE_UPLINK,
  PEER_AS,
  PEER_UPLINK,
  peer,
  pingsThrough,
  routeTo,
  settings,
} from './birdWorld.ts'
import { Frr } from './frr.ts'
import { Gobgp } from './gobgp.ts'

let world: BirdWorld | undefined
let daemon: BirdDaemon

afterEach(async () => {
  await world?.lab.close()
  world = undefined
})

/** A node whose BIRD is yet to be started, and a router without any daemon. */
async function nodeWith({ numbered }: { numbered: boolean }): Promise<BirdWorld> {
  world = await createBirdWorld('interop', { numbered })
  daemon = birdOf(world)
  return world
}

async function startBird(given: Partial<BirdPeer>): Promise<void> {
  expect(await daemon.start(filesOf(daemon, { peers: [peer(given)] }))).toBeUndefined()
}

/** Guests' addresses in the router's kernel, default routes in the node's, and pings both ways. */
async function expectReachable(place: BirdWorld, dump: () => Promise<string>): Promise<void> {
  const patience = {
    timeoutMs: 30_000,
    dump: async () =>
      [
        JSON.stringify(await daemon.observe(), null, 1),
        logOf(daemon),
        await dump(),
        await place.lab.dump(),
      ].join('\n'),
  }
  for (const { prefix } of GUEST_100)
    await eventually(`the router knows ${prefix}`, () => routeTo(place.router, prefix), patience)
  await eventually('the guest is reached', () => pingsThrough(place), patience)
  const bird = await daemon.observe()
  expect(bird).toMatchObject({ state: 'running', peers: [{ peer: 'rtr01', isUp: true }] })
}

const logOf = ({ paths }: BirdDaemon) => (existsSync(paths.log) ? readFileSync(paths.log, 'utf8') : '')

async function linkLocal(place: Namespace, link: string): Promise<string> {
  const [found] = await place.ipJson<{ addr_info: { local: string }[] }>(
    '-6',
    'addr',
    'show',
    'dev',
    link,
    'scope',
    'link',
  )
  return found?.addr_info[0]?.local ?? ''
}

/** A router that says nothing any more, while its link stays up, is gone for the node long before the hold time ends. */
async function expectNoticed(place: BirdWorld): Promise<void> {
  const drop =
    'add table inet silence; add chain inet silence in { type filter hook input priority 0; policy drop; }'
  await place.router.run('nft', [drop])
  await eventually(
    'the session is down',
    async () => {
      const bird = await daemon.observe()
      return bird.state === 'running' && bird.peers.every(({ isUp }) => !isUp)
    },
    { timeoutMs: 4000 },
  )
}

describe('BIRD', () => {
  const dumpOf = (router: BirdRouter) => () => router.birdc('show', 'protocols', 'all')

  test('by link-local address', async () => {
    const place = await nodeWith({ numbered: false })
    const router = new BirdRouter(place, `neighbor range fe80::/10 as ${NODE_AS}; interface "down0";`)
    await startBird({ address: address(await linkLocal(place.router, 'down0')), interface: 'up0' })
    await expectReachable(place, dumpOf(router))
  })

  test('unnumbered', async () => {
    const place = await nodeWith({ numbered: false })
    await startBird({ interface: 'up0' })
    const node = await linkLocal(place.node, 'up0')
    const router = new BirdRouter(place, `neighbor ${node} as ${NODE_AS}; interface "down0";`)
    await expectReachable(place, dumpOf(router))
  })

  test('with a password, on another port, and with the shortest hold time', async () => {
    const place = await nodeWith({ numbered: true })
    const neighbour = `local port 1179 as ${PEER_AS}; neighbor ${NODE_UPLINK} as ${NODE_AS}; password "a secret";`
    const router = new BirdRouter(place, neighbour)
    await startBird({ address: address(PEER_UPLINK), port: 1179, password: 'a secret', holdTime: 3 })
    await expectReachable(place, dumpOf(router))
  })

  test('as if some hops away, with BFD', async () => {
    const place = await nodeWith({ numbered: true })
    const router = new BirdRouter(
      place,
      `neighbor ${NODE_UPLINK} as ${NODE_AS}; multihop 2; source address ${PEER_UPLINK}; bfd on;`,
    )
    const ends = { address: address(PEER_UPLINK), localAddress: address(NODE_UPLINK) }
    await startBird({ ...ends, multihop: 2, bfd: true })
    await expectReachable(place, dumpOf(router))
  })

  test('that goes silent is noticed by BFD', async () => {
    const place = await nodeWith({ numbered: true })
    const router = new BirdRouter(place, `neighbor ${NODE_UPLINK} as ${NODE_AS}; bfd on;`)
    await startBird({ address: address(PEER_UPLINK), bfd: true })
    await expectReachable(place, dumpOf(router))
    await expectNoticed(place)
  })

  test('calls out from another port where a daemon of the node has that of BGP, and leaves that daemon alone', async () => {
    const place = await nodeWith({ numbered: true })
    const config = fileIn(
      place.lab,
      'other',
      'bird.conf',
      'router id 192.0.2.1;\nprotocol bgp { local as 65001; neighbor 2001:db8::1 as 65002; multihop; ipv6 { import none; export none; }; }\n',
    )
    const socket = join(place.lab.folder('other'), 'bird.ctl')
    const other = place.node.spawn('other', 'bird', ['-f', '-c', config, '-s', socket])
    const ss = [...place.node.enter, 'ss']
    const holder = await eventually('the port is taken', () => findPortHolder(undefined, ss))
    expect(holder).toEqual({ program: expect.stringMatching(/bird|ld-linux/), pid: other.pid })
    expect(await findPortHolder(other.pid, ss)).toBeUndefined()
    const router = new BirdRouter(place)
    const peers = [peer({ address: address(PEER_UPLINK) })]
    expect(await daemon.start(filesOf(daemon, { peers, localPort: OTHER_PORT }))).toBeUndefined()
    await expectReachable(place, dumpOf(router))
    expect(await daemon.remove()).toBe(true)
    expect(existsSync(daemon.paths.folder)).toBe(false)
    expect(other.running).toBe(true)
  })
})

describe('FRR', () => {
  const config = (neighbour: string, lines: string) => `hostname rtr
router bgp ${PEER_AS}
 bgp router-id 100.90.100.2
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 ${lines}
 neighbor ${neighbour} capability extended-nexthop
 address-family ipv4 unicast
  neighbor ${neighbour} activate
  neighbor ${neighbour} default-originate
 exit-address-family
 address-family ipv6 unicast
  neighbor ${neighbour} activate
  neighbor ${neighbour} default-originate
 exit-address-family
exit
`
  const dumpOf = (frr: Frr) => async () =>
    [
      await frr.show('show bgp neighbors'),
      await frr.show('show bgp ipv4 unicast'),
      await frr.show('show ip route'),
    ].join('\n')

  test('by address', async () => {
    const place = await nodeWith({ numbered: true })
    const frr = await Frr.start(
      place.router,
      config(NODE_UPLINK, `neighbor ${NODE_UPLINK} remote-as ${NODE_AS}`),
    )
    await startBird({ address: address(PEER_UPLINK) })
    await expectReachable(place, dumpOf(frr))
  })

  test('that goes silent is noticed by BFD', async () => {
    const place = await nodeWith({ numbered: true })
    const lines = `neighbor ${NODE_UPLINK} remote-as ${NODE_AS}\n neighbor ${NODE_UPLINK} bfd`
    const frr = await Frr.start(place.router, config(NODE_UPLINK, lines))
    await startBird({ address: address(PEER_UPLINK), bfd: true })
    await expectReachable(place, dumpOf(frr))
    await eventually(
      'FRR has it by BFD',
      async () => (await frr.show('show bfd peers brief')).includes(' up '),
      {
        dump: () => frr.show('show bfd peers'),
      },
    )
    await expectNoticed(place)
  })

  test('unnumbered', async () => {
    const place = await nodeWith({ numbered: false })
    const frr = await Frr.start(
      place.router,
      config('down0', `neighbor down0 interface remote-as ${NODE_AS}`),
    )
    await startBird({ interface: 'up0' })
    await expectReachable(place, dumpOf(frr))
  })
})

describe('GoBGP', () => {
  const announceDefaults = async (gobgp: Gobgp, nextHop: string) => {
    await gobgp.gobgp('global', 'rib', 'add', '0.0.0.0/0', 'nexthop', nextHop, '-a', 'ipv4')
    await gobgp.gobgp('global', 'rib', 'add', '::/0', 'nexthop', nextHop, '-a', 'ipv6')
  }
  const dumpOf = (gobgp: Gobgp) => async () =>
    [await gobgp.gobgp('neighbor'), await gobgp.gobgp('-j', 'global', 'rib')].join('\n')

  test('by address', async () => {
    const place = await nodeWith({ numbered: true })
    const gobgp = await Gobgp.start(
      place.router,
      PEER_AS,
      `neighbor-address = "${NODE_UPLINK}"\npeer-as = ${NODE_AS}`,
    )
    await startBird({ address: address(PEER_UPLINK) })
    await announceDefaults(gobgp, PEER_UPLINK)
    for (const { prefix } of GUEST_100) await gobgp.install(prefix, 'down0', NODE_UPLINK)
    await expectReachable(place, dumpOf(gobgp))
  })

  test('unnumbered', async () => {
    const place = await nodeWith({ numbered: false })
    await startBird({ interface: 'up0' })
    const gobgp = await Gobgp.start(
      place.router,
      PEER_AS,
      `neighbor-interface = "down0"\npeer-as = ${NODE_AS}`,
    )
    const node = await linkLocal(place.node, 'up0')
    await announceDefaults(gobgp, await linkLocal(place.router, 'down0'))
    for (const { prefix } of GUEST_100) await gobgp.install(prefix, 'down0', node)
    await expectReachable(place, dumpOf(gobgp))
  })
})

describe('bgp: external', () => {
  const given = { table: 100, as: NODE_AS, prefixes: settings().prefixes }

  /** The node's kernel as guestnet has it, one route nobody shall learn, and the node's own way to the router. */
  async function nodeOfItsOwn(): Promise<BirdWorld> {
    const place = await nodeWith({ numbered: true })
    await place.node.ip([
      'route add 198.51.100.77/32 dev vmbr0 table 100 proto 103',
      'route add 203.0.113.77/32 dev vmbr0 table 100 proto static',
    ])
    for (const family of ['-4', '-6'])
      await place.node.run('ip', [
        family,
        'route',
        'add',
        'default',
        'via',
        'inet6',
        PEER_UPLINK,
        'dev',
        'up0',
      ])
    return place
  }

  async function expectKnown(place: BirdWorld, nets: readonly string[], dump: () => Promise<string>) {
    for (const net of nets)
      await eventually(`the router knows ${net}`, () => routeTo(place.router, net), {
        timeoutMs: 30_000,
        dump,
      })
    expect(await routeTo(place.router, '198.51.100.77/32')).toBeUndefined()
  }

  test('BIRD learns what guestnet puts into the kernel, and only that', async () => {
    const place = await nodeOfItsOwn()
    const router = new BirdRouter(place)
    const socket = join(place.lab.folder('own'), 'bird.ctl')
    const snippet = renderSnippet('bird', given)
    // The hint for sessions that carry nothing else, as an administrator would follow it.
    const channels = [...snippet.matchAll(/^# {3}(ipv[46] \{.*)$/gm)].map(([, channel]) => channel)
    expect(channels).toHaveLength(2)
    const config = `router id 100.90.100.1;
protocol device { }
${snippet}
protocol bgp rtr { local as ${NODE_AS}; neighbor ${PEER_UPLINK} as ${PEER_AS}; connect delay time 1;
${channels.join('\n')}
}
`
    place.node.spawn('bird', 'bird', [
      '-f',
      '-c',
      fileIn(place.lab, 'own', 'bird.conf', config),
      '-s',
      socket,
    ])
    await expectKnown(place, ['203.0.113.10/32', '2001:db8:a::10/128'], () =>
      router.birdc('show', 'route', 'all'),
    )
    expect(await routeTo(place.router, '203.0.113.77/32')).toBeUndefined()
    await eventually('the guest is reached', () => pingsThrough(place))
    await place.node.ip(['route del 203.0.113.10/32 table 100'])
    await eventually(
      'it is withdrawn',
      async () => (await routeTo(place.router, '203.0.113.10/32')) === undefined,
    )
  })

  test('FRR before 10.1 imports the table for IPv4', async () => {
    const place = await nodeOfItsOwn()
    const router = new BirdRouter(place)
    const frr = await Frr.start(
      place.node,
      `${renderSnippet('frr8', given)}
router bgp ${NODE_AS}
 bgp router-id 100.90.100.1
 no bgp ebgp-requires-policy
 neighbor ${PEER_UPLINK} remote-as ${PEER_AS}
 neighbor ${PEER_UPLINK} capability extended-nexthop
exit
`,
    )
    await expectKnown(place, ['203.0.113.10/32'], () => frr.show('show bgp ipv4 unicast'))
    await eventually('the guest is reached', async () => {
      const ping = ['-c', '1', '-W', '1', '-I', '198.51.100.1', '203.0.113.10']
      return (await place.router.attempt('ping', ping)).exitCode === 0
    })
    await place.node.ip(['route del 203.0.113.10/32 table 100'])
    await eventually(
      'it is withdrawn',
      async () => (await routeTo(place.router, '203.0.113.10/32')) === undefined,
    )
    expect(router.process.running).toBe(true)
  })
})
