import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../../lab/namespace.ts'
import type { Routing } from '../../src/core/routing/routing.ts'
import { neighbourAt, proxyFor, routeTo, routingOf } from '../routings.ts'
import { RoutingWorld } from './routingWorld.ts'
import { macOf } from './world.ts'

const ANNOUNCED: Routing = {
  ...routingOf(0),
  routes: [
    ...[routeTo('203.0.113.100/32'), routeTo('203.0.113.101/32'), routeTo('2001:db8:a::100/128')],
    routeTo('198.51.100.16/28', 'vmbr0', '203.0.113.100'),
  ],
  neighbours: [100, 101].flatMap(vmid => [
    neighbourAt(`203.0.113.${vmid}`, macOf(vmid)),
    neighbourAt(`2001:db8:a::${vmid}`, macOf(vmid)),
  ]),
  proxies: [proxyFor('2001:db8:a::200')],
}
let world: RoutingWorld
let router: Namespace

/** A router behind an uplink, which also is the way to guests 200 on another world.node. */
beforeAll(async () => {
  world = await RoutingWorld.create('gateway')
  router = new Namespace(world.lab, `${world.lab.id}-router`)
  world.lab.own('router', () => deleteNamespaces([router.netns]))
  await addNamespaces([router.netns])
  await world.node.ip([
    `link add up0 type veth peer name down0 netns ${router.netns}`,
    'link set up0 up',
    'address add 192.0.2.1/24 dev up0',
    'address add 2001:db8:ffff::1/64 dev up0 nodad',
  ])
  await router.ip([
    'link set lo up',
    'link set down0 up',
    'address add 192.0.2.2/24 dev down0',
    'address add 2001:db8:ffff::2/64 dev down0 nodad',
    'address add 203.0.113.200/32 dev lo',
    'address add 2001:db8:a::200/128 dev lo nodad',
    'route add 203.0.113.0/24 via 192.0.2.1',
    'route add 198.51.100.16/28 via 192.0.2.1',
    'route add 2001:db8:a::/64 via 2001:db8:ffff::1',
  ])
  // As BIRD writes what it learns from the router.
  await world.node.ip([
    'route add default via 192.0.2.2 dev up0 table 101 proto bird metric 32',
    'route add default via 2001:db8:ffff::2 dev up0 table 101 proto bird metric 32',
  ])
  const forwarding = 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
  await world.node.run('sh', ['-c', forwarding])
})

afterAll(() => world?.lab.close())

beforeEach(async () => {
  await world.settle(ANNOUNCED)
  for (const vmid of [100, 101]) await world.node.guest(vmid).run('ip', ['address', 'flush', 'dev', 'eth0'])
})

const reaches = (from: Namespace, to: string, source: readonly string[] = []) =>
  eventually(
    `${to} answers ${from.netns}`,
    async () => (await from.attempt('ping', ['-c', '1', '-W', '1', ...source, to])).exitCode === 0,
    { dump: () => world.node.dump() },
  )

test('frames from outside reach a guest that has nothing but its own address, and what is behind it', async () => {
  const guest = world.node.guest(100)
  await guest.ip([
    'link set lo up',
    'address add 203.0.113.100/32 dev eth0',
    'address add 198.51.100.17/32 dev lo',
    'route add 172.31.1.1 dev eth0',
    'route add default via 172.31.1.1',
    'address add 2001:db8:a::100/128 dev eth0 nodad',
    'route replace default via fe80::1 dev eth0',
  ])
  await reaches(router, '203.0.113.100')
  await reaches(router, '198.51.100.17')
  await reaches(router, '2001:db8:a::100')
  await reaches(guest, '203.0.113.200', ['-I', '203.0.113.100'])
})

describe('frames of a guest that takes its neighbours to be on its own link', () => {
  test('reach those on other nodes, at once, and those on this one directly', async () => {
    await world.node.guest(101).ip(['address add 203.0.113.101/24 dev eth0'])
    await world.node.guest(100).ip(['address add 203.0.113.100/24 dev eth0'])
    const start = performance.now()
    await reaches(world.node.guest(100), '203.0.113.200')
    expect(performance.now() - start).toBeLessThan(700)
    await reaches(world.node.guest(100), '203.0.113.101')
    const [neighbour] = await world.node
      .guest(100)
      .ipJson<{ lladdr: string }>('neigh', 'show', '203.0.113.101')
    expect(neighbour?.lladdr).toBe(macOf(101))
  })

  test('reach those on other nodes by IPv6, too', async () => {
    await world.node.guest(100).ip(['address add 2001:db8:a::100/64 dev eth0 nodad'])
    await reaches(world.node.guest(100), '2001:db8:a::200')
  })

  test('find nobody else with its own address', async () => {
    const probe = ['arping', '-D', '-q', '-c', '2', '-w', '2', '-I', 'eth0', '203.0.113.100']
    expect(await world.node.guest(100).attempt('busybox', probe)).toExitWith(0)
    await world.node.guest(100).ip(['address add 2001:db8:a::100/64 dev eth0'])
    await eventually('the address is found to be free', async () => {
      const shown = await world.node.guest(100).run('ip', ['-6', 'address', 'show', 'to', '2001:db8:a::100'])
      return shown.includes('2001:db8:a::100') && !/tentative|dadfailed/.test(shown)
    })
  })

  test('find that an address of another node is taken', async () => {
    await world.node.guest(100).ip(['address add 2001:db8:a::200/64 dev eth0'])
    await eventually('the address is found to be taken', async () =>
      (await world.node.guest(100).run('ip', ['-6', 'address'])).includes('dadfailed'),
    )
  })
})
