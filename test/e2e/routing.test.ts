import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { linkLocalIsUsable } from '../../lab/linkLocal.ts'
import { keyOf } from '../../src/core/routing/routing.ts'
import { routeTo, routingOf } from '../routings.ts'
import type { Round } from './routingDriver.ts'
import { RoutingWorld } from './routingWorld.ts'

const WANTED = routingOf(200)

let world: RoutingWorld

beforeAll(async () => {
  world = await RoutingWorld.create('routes')
})

afterAll(() => world?.lab.close())

beforeEach(() => world.clear())

const sortedKeys = <T>(values: readonly T[], key: (value: T) => string) => values.map(key).toSorted()

describe('everything for 200 guests', () => {
  test('is there after one round, exactly', async () => {
    const { second } = await world.settle(WANTED)
    const { routes, neighbours, rules, gateways } = second.observed
    const guestRoutes = routes.flatMap(({ route }) => route ?? [])
    expect(sortedKeys(guestRoutes, keyOf.route)).toEqual(sortedKeys(WANTED.routes, keyOf.route))
    expect(sortedKeys(neighbours, keyOf.neighbour)).toEqual(sortedKeys(WANTED.neighbours, keyOf.neighbour))
    expect(sortedKeys(rules, keyOf.rule)).toEqual(sortedKeys(WANTED.rules, keyOf.rule))
    expect(gateways).toMatchObject([
      { device: 'vmbr0', mac: 'da:f0:f1:08:55:c4', proxyArp: true, proxyNdp: true },
    ])
  })

  test('goes without a trace', async () => {
    const look = async () => ({
      rules: [await world.node.run('ip', ['rule']), await world.node.run('ip', ['-6', 'rule'])],
      neighbours: await world.node.run('ip', ['neighbour', 'show', 'nud', 'permanent']),
      routes: await world.node.run('ip', ['-6', 'route', 'show', 'table', 'main']),
      proxyArp: await world.node.run('cat', ['/proc/sys/net/ipv4/conf/vmbr0/proxy_arp']),
    })
    await linkLocalIsUsable(world.node, 'vmbr0')
    const before = await look()
    await world.settle(WANTED)
    await world.clear()
    expect(await look()).toEqual(before)
  })
})

test('a gateway comes to guests that are already reached, with its MAC, in one round', async () => {
  await world.settle({ ...WANTED, gateways: [] })
  await world.node.run('ip', ['link', 'set', 'vmbr0', 'address', '52:54:00:00:aa:aa'])
  await world.settle({ ...WANTED, gateways: [] })
  await world.settle(WANTED)
})

describe('what is removed or changed by hand', () => {
  const harms: Record<string, readonly [string, readonly string[]]> = {
    'a route': ['ip', ['route', 'del', '203.0.113.5', 'table', '100']],
    'all IPv6 routes': ['ip', ['-6', 'route', 'flush', 'table', '100']],
    'a neighbour': ['ip', ['neigh', 'del', '2001:db8:a::5', 'dev', 'vmbr0']],
    'all rules': [
      'sh',
      ['-c', 'ip rule flush; ip rule add pref 32766 lookup main; ip -6 rule del pref 5101'],
    ],
    'the gateway’s address': ['ip', ['addr', 'flush', 'dev', 'vmbr0']],
    'the gateway’s MAC': ['ip', ['link', 'set', 'vmbr0', 'address', '52:54:00:00:aa:aa']],
    'proxy ARP': ['sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/conf/vmbr0/proxy_arp']],
    'IPv6 of the bridge': ['sh', ['-c', 'echo 1 > /proc/sys/net/ipv6/conf/vmbr0/disable_ipv6']],
    'the bridge, for a moment': ['sh', ['-c', 'ip link set vmbr0 down; ip link set vmbr0 up']],
    'a route’s way': [
      'sh',
      [
        '-c',
        'ip route del 203.0.113.5 table 100; ip route add blackhole 203.0.113.5 table 100 metric 1 proto 103',
      ],
    ],
    'a rule’s modesty': [
      'sh',
      ['-c', 'ip rule del pref 5100; ip rule add from 10.0.0.0/8 lookup 100 pref 5100 protocol 103'],
    ],
  }

  test.each(Object.entries(harms))('%s is repaired', async (_, [program, args]) => {
    await world.settle(WANTED)
    await world.node.attempt(program, args)
    const { first } = await world.settle(WANTED)
    expect(first.changes).not.toEqual([])
  })
})

test('what others have is left alone, whatever guestnet sets and removes', async () => {
  const theirs = [
    'route add 198.51.100.0/24 dev vmbr0 table 100 proto static',
    'route add default dev vmbr0 table 100 proto bird metric 32',
    'route add 203.0.113.5 dev vmbr0 table 100 proto bird metric 32',
    'route add 203.0.113.6 dev vmbr0 table 99 proto static',
    'neighbour replace 198.51.100.7 lladdr 52:54:00:00:bb:01 dev vmbr0 nud permanent',
    'neighbour replace 203.0.113.8 lladdr 52:54:00:00:bb:02 dev vmbr0 nud permanent',
    'neighbour add proxy 2001:db8:a::77 dev vmbr0',
    'rule add iif vmbr0 lookup 101 pref 5101',
    'rule add from 198.51.100.0/24 lookup 99 pref 5101',
    'address add 198.51.100.1/32 dev vmbr0',
  ]
  const look = async () => {
    const answers = await Promise.all([
      world.node.run('ip', ['route', 'show', 'table', 'all']),
      world.node.run('ip', ['neighbour', 'show', 'nud', 'permanent']),
      world.node.run('ip', ['neighbour', 'show', 'proxy']),
      world.node.run('ip', ['rule']),
      world.node.run('ip', ['-4', '-o', 'address']),
    ])
    return answers.map(answer => answer.split('\n').filter(line => !line.includes('proto 103')))
  }
  await world.node.ip(theirs)
  onTestFinished(async () => {
    await world.clear()
    await world.node.ip(theirs.map(line => line.replace(/ (add|replace) /, ' del ')))
  })
  await linkLocalIsUsable(world.node, 'vmbr0')
  const before = await look()
  const wanted = { ...WANTED, gateways: [] }
  await world.settle(wanted)
  expect(await look()).toEqual(before)
  await world.clear()
  expect(await look()).toEqual(before)
})

test('a change that fails stops no other', async () => {
  const wanted = { ...WANTED, routes: [routeTo('192.0.2.1/32', 'nowhere'), ...WANTED.routes] }
  const [first, second] = await world.rounds(wanted, 2)
  expect(first?.failures).toEqual([
    'ip route replace 192.0.2.1/32 dev nowhere table 100 metric 1 proto 103: Cannot find device "nowhere"',
  ])
  expect(second?.changes).toEqual(['add route 192.0.2.1/32 dev nowhere table 100'])
})

test('nor does one that ip does not understand', async () => {
  const wanted = { ...WANTED, routes: [...WANTED.routes, routeTo('192.0.2.1/32', 'no where')] }
  const [first, second] = await world.rounds(wanted, 2)
  expect(first?.failures).toHaveLength(1)
  expect(second?.changes).toEqual(['add route 192.0.2.1/32 dev no where table 100'])
})

test('routes move with the table’s number', async () => {
  await world.settle(WANTED)
  await world.settle({ ...WANTED, table: 101 })
  expect(await world.node.run('ip', ['route', 'show', 'table', '100'])).toBe('')
  await world.clear()
})

test('a thousand guests take some milliseconds', async () => {
  const done = await world.rounds(routingOf(1000), 6)
  const ms = ({ observeMs, diffMs, applyMs, changes }: Round) =>
    `observe ${observeMs.toFixed(0)} ms, diff ${diffMs.toFixed(0)} ms, apply ${changes.length} changes ${applyMs.toFixed(0)} ms`
  console.log(done.map(ms).join('\n'))
  expect(done.at(-1)?.changes).toEqual([])
})
