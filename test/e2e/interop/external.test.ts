import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import { renderSnippet } from '../../../src/bird/external.ts'
import { BirdRouter } from '../birdRouter.ts'
import {
  type BirdWorld,
  createBirdWorld,
  fileIn,
  NODE_AS,
  PEER_AS,
  PEER_UPLINK,
  pingsThrough,
  routeTo,
  settings,
} from '../birdWorld.ts'
import { Frr } from '../frr.ts'

let world: BirdWorld | undefined

afterEach(async () => {
  await world?.lab.close()
  world = undefined
})

const given = { mark: 103, table: 100, as: NODE_AS, prefixes: settings().prefixes }

/** The node's kernel as guestnet has it, one route nobody shall learn, and the node's own way to the router. */
async function nodeOfItsOwn(): Promise<BirdWorld> {
  const place = await createBirdWorld('external')
  world = place
  await place.node.ip([
    'route add 198.51.100.77/32 dev vmbr0 table 100 proto 103',
    'route add 203.0.113.77/32 dev vmbr0 table 100 proto static',
  ])
  for (const family of ['-4', '-6'])
    await place.node.run('ip', [family, 'route', 'add', 'default', 'via', 'inet6', PEER_UPLINK, 'dev', 'up0'])
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
  place.node.spawn('bird', 'bird', ['-f', '-c', fileIn(place.lab, 'own', 'bird.conf', config), '-s', socket])
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

test('FRR announces what guestnet puts into the kernel: before 10.1 only IPv4', async () => {
  const place = await nodeOfItsOwn()
  const router = new BirdRouter(place)
  const isNew = await Frr.readsTables(place.node)
  const frr = await Frr.start(
    place.node,
    `${renderSnippet(isNew ? 'frr' : 'frr8', given)}
router bgp ${NODE_AS}
 bgp router-id 100.90.100.1
 no bgp ebgp-requires-policy
 neighbor ${PEER_UPLINK} remote-as ${PEER_AS}
 neighbor ${PEER_UPLINK} capability extended-nexthop
 address-family ipv6 unicast
  neighbor ${PEER_UPLINK} activate
 exit-address-family
exit
`,
  )
  const nets = isNew ? ['203.0.113.10/32', '2001:db8:a::10/128'] : ['203.0.113.10/32']
  await expectKnown(place, nets, () => frr.show('show bgp ipv4 unicast'))
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
