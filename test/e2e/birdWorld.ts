import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Lab } from '../../lab/lab.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../../lab/namespace.ts'
import { settle } from '../../lab/settle.ts'
import type { Site } from '../../lab/site.ts'
import { BirdDaemon } from '../../src/bird/daemon.ts'
import { renderFiles } from '../../src/bird/files.ts'
import type { Announcement } from '../../src/core/announcing/announcement.ts'
import type { BirdPeer, BirdSettings } from '../../src/core/announcing/birdSettings.ts'
import type { BirdFiles } from '../../src/core/announcing/target.ts'
import {
  type Address,
  lengthOf,
  type Prefix,
  parseAddress,
  parseIpv4,
} from '../../src/core/values/address.ts'
import { parseCommunity } from '../../src/core/values/community.ts'
import { parsePrefix } from '../../src/core/values/prefix.ts'
import { birdPeer, vmidOf } from '../builders.ts'

/** A parser for tests, which know that what they write is valid. */
function sure<T>(parse: (text: string) => T | undefined): (text: string) => T {
  return text => {
    const value = parse(text)
    if (value === undefined) throw new Error(`the test's own ${text} is not valid`)
    return value
  }
}

export const prefix: (text: string) => Prefix = sure(parsePrefix)
export const address: (text: string) => Address = sure(parseAddress)
const ipv4 = sure(parseIpv4)
const community = sure(parseCommunity)

export const NODE_AS = 4220000001
export const PEER_AS = 65000
export const NODE_UPLINK = '2001:db8:ffff::1'
export const PEER_UPLINK = '2001:db8:ffff::2'

/**
 * A guest behind a node, and a router that the node reaches by IPv6 only:
 *
 *     guest 203.0.113.10/32, 2001:db8:a::10/128  ── vmbr0  node  up0 ── down0  router 198.51.100.1, 2001:db8:b::1
 *
 * What the kernel needs on the node is there already; who tells the router is for the test.
 */
export interface BirdWorld {
  readonly lab: Lab
  readonly node: Namespace
  readonly router: Namespace
  readonly guest: Namespace
}

export async function createBirdWorld(id: string, { numbered = true } = {}): Promise<BirdWorld> {
  const lab = await Lab.create({ prefix: id })
  try {
    const [node, router, guest] = await addPlaces(lab, ['node', 'rtr', 'g100'])
    const world = { lab, node, router, guest }
    await connect(world, numbered)
    await placeGuest(world)
    return world
  } catch (error) {
    await lab.close()
    throw error
  }
}

async function addPlaces(lab: Lab, names: readonly [string, string, string]) {
  const add = async (name: string) => {
    const netns = `${lab.id}-${name}`
    lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
    await addNamespaces([netns])
    const place = new Namespace(lab, netns)
    lab.places.push(place)
    await place.ip(['link set lo up'])
    await place.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
    return place
  }
  const [a, b, c] = names
  return [await add(a), await add(b), await add(c)] as const
}

async function connect({ node, router }: BirdWorld, numbered: boolean): Promise<void> {
  await node.ip([`link add up0 type veth peer name down0 netns ${router.netns}`])
  // One link-local address each, at once: by default it would be tried out for a second first.
  for (const [place, link] of [
    [node, 'up0'],
    [router, 'down0'],
  ] as const)
    await place.run('sysctl', ['-qw', `net.ipv6.conf.${link}.accept_dad=0`])
  await node.ip([...(numbered ? [`addr add ${NODE_UPLINK}/64 dev up0 nodad`] : []), 'link set up0 up'])
  await router.ip([
    ...(numbered ? [`addr add ${PEER_UPLINK}/64 dev down0 nodad`] : []),
    'link set down0 up',
    'addr add 198.51.100.1/32 dev lo',
    'addr add 2001:db8:b::1/128 dev lo',
  ])
  await settle(node, ['up0'])
  await settle(router, ['down0'])
}

async function placeGuest({ node, guest }: BirdWorld): Promise<void> {
  await node.ip([
    'link add vmbr0 address da:f0:f1:08:55:c4 type bridge forward_delay 0',
    'link set vmbr0 up',
    'addr add 172.31.1.1/32 dev vmbr0',
    'addr add fe80::1/64 dev vmbr0 nodad',
    `link add tap100i0 type veth peer name eth0 netns ${guest.netns}`,
    'link set tap100i0 up master vmbr0',
    'neigh replace 203.0.113.10 lladdr 52:54:00:9e:00:64 dev vmbr0 nud permanent protocol 103',
    'neigh replace 2001:db8:a::10 lladdr 52:54:00:9e:00:64 dev vmbr0 nud permanent protocol 103',
    'route replace 203.0.113.10/32 dev vmbr0 table 100 proto 103',
    'route replace 2001:db8:a::10/128 dev vmbr0 table 100 proto 103',
  ])
  for (const family of ['-4', '-6'])
    for (const rule of ['lookup 100 suppress_prefixlength 0 pref 5100', 'iif vmbr0 lookup 101 pref 5101'])
      await node.run('ip', [family, 'rule', 'add', ...rule.split(' '), 'protocol', '103'])
  await guest.ip([
    'link set eth0 address 52:54:00:9e:00:64 up',
    'addr add 203.0.113.10/32 dev eth0',
    'route add 172.31.1.1 dev eth0',
    'route add default via 172.31.1.1',
    'addr add 2001:db8:a::10/128 dev eth0 nodad',
    'route add default via fe80::1 dev eth0',
  ])
  await settle(node, ['tap100i0'])
}

/** The node's BIRD; it ends with the lab. */
export function birdOf({ lab, node }: BirdWorld, name = 'run'): BirdDaemon {
  const daemon = new BirdDaemon({ runDir: lab.folder('node', name), program: [...node.enter, 'bird'] })
  lab.own('the BIRD of the node', async () => void (await daemon.remove()))
  return daemon
}

export function peer(given: Partial<BirdPeer> = {}): BirdPeer {
  return birdPeer({ as: PEER_AS, ...given })
}

/** The policy of most tests: one router, by its address. */
export function settings(given: Partial<BirdSettings> = {}): BirdSettings {
  return {
    as: NODE_AS,
    routerId: ipv4('100.90.100.1'),
    table: 101,
    guestsTable: 100,
    devices: ['vmbr0'],
    multipath: 16,
    exports: [],
    prefixes: [prefix('203.0.113.0/24'), prefix('2001:db8:a::/48')],
    peers: [peer({ address: address(PEER_UPLINK) })],
    ...given,
  }
}

export function announcement(net: string, vmid = 100, communities: readonly string[] = []): Announcement {
  return {
    prefix: prefix(net),
    vmid: vmidOf(vmid),
    device: 'vmbr0',
    communities: communities.map(community),
    since: 1_800_000_000,
  }
}

/** Those of guest 100. */
export const GUEST_100 = ['203.0.113.10/32', '2001:db8:a::10/128'].map(net => announcement(net))

export function filesOf(
  daemon: BirdDaemon,
  given: Partial<BirdSettings> = {},
  announcements: readonly Announcement[] = GUEST_100,
): BirdFiles {
  return renderFiles(settings(given), announcements, daemon.paths)
}

/** Writes a file into a lab's folder; its path. */
export function fileIn(lab: Site, folder: string, name: string, text: string): string {
  const file = join(lab.folder(folder), name)
  writeFileSync(file, text)
  return file
}

/** Whether the guest and the router's own address reach one another, by IPv4 and by IPv6. */
export async function pingsThrough({ router }: BirdWorld): Promise<boolean> {
  const pairs = [
    ['198.51.100.1', '203.0.113.10'],
    ['2001:db8:b::1', '2001:db8:a::10'],
  ] as const
  const pings = pairs.map(([from, to]) => router.attempt('ping', ['-c', '1', '-W', '1', '-I', from, to]))
  return (await Promise.all(pings)).every(({ exitCode }) => exitCode === 0)
}

/** What a place's kernel knows of the way to a network: `undefined`, or the route. */
export async function routeTo(place: Namespace, net: string): Promise<object | undefined> {
  const family = net.includes(':') ? '-6' : '-4'
  const exact = lengthOf(prefix(net)) === 0 ? 'default' : net.replace(/\/(?:32|128)$/, '')
  const routes = await place.ipJson<{ dst: string }>(family, 'route', 'show', 'table', 'all')
  return routes.find(({ dst }) => dst === exact)
}
