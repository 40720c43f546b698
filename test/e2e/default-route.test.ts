import { afterAll, beforeAll, expect, test } from 'vitest'
import { unmanagedAdvertisement } from '../../lab/clients/icmp6.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { dhclient6 } from '../../lab/clients6/dhclient.ts'
import { dhcpcd6ByRouter } from '../../lab/clients6/dhcpcd.ts'
import { networkd6ByRouter } from '../../lab/clients6/networkd.ts'
import { windows6ByRouter } from '../../lab/clients6/windows.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Lan } from '../../lab/lan.ts'
import type { Namespace } from '../../lab/namespace.ts'
import type { WireTap } from '../../lab/wire.ts'
import { createWorld, reportOf, runAgent, vm, type World } from './world.ts'

/** What is beyond each gateway. */
const BEYOND = '2001:db8:f::1'

const NETWORKS = [
  { how: 'guestnet is the gateway', bridge: 'vmbr3', prefix: '2001:db8:a:', gw6: '2001:db8:a::1' },
  { how: 'gw6 is link-local, nobody advertises it', bridge: 'vmbr1', prefix: '2001:db8:b:', gw6: 'fe80::1' },
  {
    how: 'its router advertises itself, without M',
    bridge: 'vmbr2',
    prefix: '2001:db8:c:',
    gw6: '2001:db8:c::1',
  },
] as const
const CLIENTS = [dhclient6('LLT'), dhcpcd6ByRouter, networkd6ByRouter, windows6ByRouter]

/** Each client in each network, behind a firewall bridge or not, with an IPv4 address besides or not. */
const GUESTS = NETWORKS.flatMap((network, net) =>
  CLIENTS.flatMap((client, kind) =>
    [0, 1, 2, 3].map(wiring => ({
      ...network,
      client,
      vmid: 1000 + 100 * net + 10 * kind + wiring,
      isFirewalled: wiring > 1,
      ipv4: wiring % 2 === 1 ? `10.0.${net}.${10 + 10 * kind + wiring}` : undefined,
    })),
  ),
)
type Guest = (typeof GUESTS)[number]

let world: World
let advertising: NodeJS.Timeout
let tap: WireTap

const addressOf = ({ prefix, vmid }: Guest) => `${prefix}:${vmid}`

function configOf(guest: Guest): string {
  const { vmid, bridge, gw6, isFirewalled, ipv4 } = guest
  const addresses = `${ipv4 === undefined ? '' : `ip=${ipv4}/24,`}ip6=${addressOf(guest)}/64,gw6=${gw6}`
  const net = isFirewalled ? ',firewall=1' : ''
  return vm(vmid, { net, more: `ipconfig0: ${addresses}\n` }).replace('bridge=vmbr0', `bridge=${bridge}`)
}

/** Guests that hear from their router's neighbour advertisement that it is none do without it (RFC 4861, section 7.2.5). */
const forward = (where: Namespace) =>
  where.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'])

/** Makes a LAN's own link the router of its guests. */
async function becomeRouter(lan: Lan, prefix: string, linkLocal: string): Promise<void> {
  await forward(lan)
  await lan.ip([
    `addr add ${linkLocal}/64 dev ${lan.link} nodad`,
    `addr add ${prefix}:1/64 dev ${lan.link} nodad`,
    `addr add ${BEYOND}/128 dev lo nodad`,
  ])
}

beforeAll(async () => {
  world = await createWorld({ prefix: 'way' })
  const { tree, node, lab } = world
  for (const bridge of ['vmbr1', 'vmbr2', 'vmbr3']) await node.addBridge(bridge)
  const [silent, loud] = [await lab.addLan('silent'), await lab.addLan('loud')]
  await silent.connect(node, 'vmbr1', 'eno2')
  await loud.connect(node, 'vmbr2', 'eno3')
  await becomeRouter(silent, '2001:db8:b:', 'fe80::1')
  await becomeRouter(loud, '2001:db8:c:', 'fe80::c')
  await node.ip([`addr add ${BEYOND}/128 dev lo nodad`])
  await forward(node)
  const [own] = await loud.ipJson<{ address: string }>('link', 'show', 'dev', loud.link)
  tap = await lab.wire().open(loud.netns, loud.link)
  advertising = setInterval(() => tap.send(unmanagedAdvertisement(own?.address ?? '', 'fe80::c')), 500)
  tree.policy(`announce:
  table: 100
  networks:
    - {bridge: vmbr3, prefixes: ["2001:db8:a::/64"], gateway: {ipv6: "2001:db8:a::1"}}
`)
  for (const guest of GUESTS) tree.write('pve1', 'qemu', guest.vmid, configOf(guest))
  await node.startAll(GUESTS.map(({ vmid }) => vmid))
  await runAgent(world)
  await reportOf(world, ({ advertising: told }) => told?.nics.length === GUESTS.length)
})

afterAll(async () => {
  clearInterval(advertising)
  await world?.lab.close()
})

/** What a guest has in the end, in words, while its client runs: some take its address along as they end. */
async function outcomeOf(guest: Guest): Promise<string> {
  const inside = world.node.guest(guest.vmid)
  const running = await guest.client.start(inside.port())
  try {
    const leased = await eventually('a lease', () => running.lease(), { timeoutMs: 60_000 })
    const ipv4 = guest.ipv4 && (await withRawClient(inside.port(), client => client.exchange()))
    return `${leased.address} ${ipv4 ? ipv4.address : ''} ${await wayOutOf(guest)}`
  } finally {
    await running.stop()
  }
}

async function wayOutOf(guest: Guest): Promise<string> {
  const inside = world.node.guest(guest.vmid)
  const from = addressOf(guest)
  const isOut = async () =>
    (await inside.attempt('ping', ['-6', '-c1', '-W1', '-I', from, BEYOND])).exitCode === 0
  const way = await eventually('a ping', isOut, { timeoutMs: 30_000 }).catch(() => undefined)
  return way ? 'and out' : `and no way out: ${await inside.run('ip', ['-6', 'route'])}`
}

test.each(CLIENTS.map(client => ({ client })))(
  '$client.name ends with its address and a default route that works, in each network, behind each bridge',
  async ({ client }) => {
    const guests = GUESTS.filter(guest => guest.client === client)
    const outcomes = await Promise.all(
      guests.map(async guest => `${guest.vmid} ${guest.how}: ${await outcomeOf(guest)}`),
    )
    const expected = guests.map(
      guest => `${guest.vmid} ${guest.how}: ${addressOf(guest)} ${guest.ipv4 ?? ''} and out`,
    )
    expect(outcomes).toEqual(expected)
  },
  120_000,
)
