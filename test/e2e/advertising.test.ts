import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, nothingLeft } from '../../lab/agent.ts'
import { Capture } from '../../lab/capture.ts'
import { lease } from '../../lab/clients/client.ts'
import { solicitation, unmanagedAdvertisement } from '../../lab/clients/icmp6.ts'
import { dhclient6 } from '../../lab/clients6/dhclient.ts'
import { dhcpcd6ByRouter } from '../../lab/clients6/dhcpcd.ts'
import { networkd6ByRouter } from '../../lab/clients6/networkd.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Namespace } from '../../lab/namespace.ts'
import type { LabProcess } from '../../lab/process.ts'
import { createWorld, macOf, reportOf, runAgent, vm, type World } from './world.ts'

let world: World
let agent: LabProcess

const ROUTER = { mac: '02:00:00:00:00:99', address: 'fe80::99' }
const LINK_LOCAL = 'fe80::5054:ff:fe00:1'
const NAMES = 'nameserver: 2001:db8::53\nsearchdomain: lab.example\n'

/** Guests as hosters have them; 104 and 105 are not for guestnet to tell anything. */
const GUESTS: Record<number, string> = {
  100: vm(100, { ip: '192.0.2.100/24,ip6=2001:db8:a::100/64,gw6=fe80::1', net: ',mtu=1400', more: NAMES }),
  101: vm(101, { ip: '192.0.2.101/24,ip6=2001:db8:a::101/128,gw6=fe80::1', net: ',firewall=1' }),
  102: vm(102, { ip: '192.0.2.102/24,ip6=2001:db8:b::102/64,gw6=2001:db8:b::1' }),
  103: vm(103, { ip: '192.0.2.103/24,ip6=2001:db8:c::103/64,gw6=2001:db8:c::1' }),
  104: vm(104, { ip: '192.0.2.104/24,ip6=dhcp' }),
  105: vm(105, { ip: '192.0.2.105/24,ip6=auto' }),
}
/** Without addresses inside: what they have they get by DHCPv6 and router advertisements, dual-stack or with IPv6 only. */
const ASKING = [
  {
    vmid: 110,
    client: dhcpcd6ByRouter,
    how: { net: ',firewall=1', ip: 'ip6=2001:db8:a::110/64,gw6=fe80::1' },
  },
  {
    vmid: 111,
    client: networkd6ByRouter,
    how: { net: '', ip: '192.0.2.111/24,ip6=2001:db8:a::111/128,gw6=fe80::1' },
  },
  {
    vmid: 112,
    client: dhclient6('LLT'),
    how: { net: ',firewall=1', ip: '192.0.2.112/24,ip6=2001:db8:a::112/64,gw6=fe80::1' },
  },
]

const VMIDS = Object.keys(GUESTS).map(Number)

beforeAll(async () => {
  world = await createWorld({ prefix: 'radv' })
  const { tree, node } = world
  for (const vmid of VMIDS) tree.write('pve1', 'qemu', vmid, GUESTS[vmid] ?? '')
  for (const { vmid, how } of ASKING) tree.write('pve1', 'qemu', vmid, askingVm(vmid, how))
  // The node itself is the router of 2001:db8:b::/64.
  await node.ip(['addr add 2001:db8:b::1/64 dev vmbr0 nodad', 'addr add fe80::b/64 dev vmbr0 nodad'])
  await world.lan.ip([
    'link add router0 type veth peer name socket0',
    `link set socket0 master ${world.lan.link} up`,
    'link set router0 up',
    // It is the guests' router, and does not advertise itself.
    'addr add fe80::1/64 dev router0 nodad',
    'addr add 2001:db8:f::1/128 dev lo nodad',
    'route add 2001:db8:a::/64 dev router0',
  ])
  await node.startAll([...VMIDS, ...ASKING.map(({ vmid }) => vmid)])
  agent = await runAgent(world)
  await reportOf(world, ({ advertising }) => advertising?.nics.length === 7)
})

afterAll(() => world?.lab.close())

/** `ip` may also be of IPv6 alone. */
function askingVm(vmid: number, { net, ip }: { net: string; ip: string }): string {
  const written = ip.startsWith('ip6=') ? ip : `ip=${ip}`
  return vm(vmid, { net, more: `ipconfig0: ${written}\n` })
}

const guest = (vmid: number) => world.node.guest(vmid)
const routesOf = (vmid: number) => guest(vmid).run('ip', ['-6', 'route', 'show'])

async function hasRoute(vmid: number, route: string): Promise<string> {
  return await eventually(
    `guest ${vmid} has ${route}`,
    async () => {
      const routes = await routesOf(vmid)
      return routes.includes(route) ? routes : Promise.reject(new Error(routes))
    },
    { timeoutMs: 15_000, dump: () => world.lab.dump() },
  )
}

/** Sends a frame by a link. */
async function send(where: Namespace, link: string, frame: Buffer): Promise<void> {
  const tap = await world.lab.wire().open(where.netns, link)
  tap.send(frame)
  tap.close()
}

const solicit = (vmid: number, mac = macOf(vmid), from = LINK_LOCAL) =>
  send(guest(vmid), 'eth0', solicitation(mac, from))

const ADVERTISEMENTS = 'icmp6 and ip6[40] == 134'
const SOLICITATIONS = 'icmp6 and ip6[40] == 133'

/** What comes by a link while something is done, and for as long as `until` is not true of it. */
async function seenAt(
  where: Namespace,
  link: string,
  filter: string,
  done: () => Promise<unknown>,
  until = (frames: readonly string[]) => frames.length > 0,
): Promise<string[]> {
  const capture = await Capture.start(where, link, filter)
  await done()
  await eventually(`frames at ${link}`, () => until(capture.frames()), {
    dump: async () => `${capture.frames().join('\n')}\n${await world.lab.dump()}`,
  }).catch(async (error: unknown) => {
    await capture.stop()
    throw error
  })
  return await capture.stop()
}

describe('a guest comes to its default route by nothing but a router advertisement', () => {
  test('on a plain bridge, with what is on-link, and no address made of it', async () => {
    const routes = await hasRoute(100, 'default via fe80::1 dev eth0 proto ra')
    expect(routes).toContain('2001:db8:a::/64 dev eth0 proto kernel')
    expect(await guest(100).run('ip', ['-6', 'addr', 'show', 'scope', 'global'])).toBe('')
    expect(await guest(100).run('cat', ['/proc/sys/net/ipv6/conf/eth0/mtu'])).toContain('1400')
  })

  test('behind its firewall bridge, with a /128: nothing is on-link', async () => {
    expect(await hasRoute(101, 'default via fe80::1 dev eth0 proto ra')).not.toContain('2001:db8:a::/64')
  })

  test('where the node itself is its gateway, by the link-local address it has there', async () => {
    const own = await world.node.run('ip', ['-6', 'addr', 'show', 'dev', 'vmbr0', 'scope', 'link'])
    const told = /default via (\S+) dev eth0/.exec(await hasRoute(102, 'default via fe80:'))?.[1]
    expect(own).toContain(`${told}/64`)
  })
})

test('clients that wait for a router’s word end with their address and a default route that works', async () => {
  await Promise.all(
    ASKING.map(async ({ vmid, client }) => {
      const leased = await lease(client, guest(vmid).port(), { timeoutMs: 30_000 })
      if (leased === undefined) throw new Error(`${client.name}: no lease\n${await world.lab.dump()}`)
      expect([client.name, leased.address]).toEqual([client.name, `2001:db8:a::${vmid}`])
      await eventually(
        `${client.name}: a ping by the router`,
        async () =>
          (await guest(vmid).attempt('ping', ['-6', '-c1', '-W1', '2001:db8:f::1'])).exitCode === 0 ||
          Promise.reject(new Error(await guest(vmid).run('ip', ['-6', 'route']))),
        { dump: () => world.lab.dump() },
      )
    }),
  )
})

describe('a solicitation', () => {
  test('is answered to the guest alone, and does not reach the network', async () => {
    const onLan = await Capture.start(
      world.lan,
      world.lan.link,
      'icmp6 and (ip6[40] == 133 or ip6[40] == 134)',
    )
    const frames = await seenAt(guest(100), 'eth0', ADVERTISEMENTS, () => solicit(100))
    expect(frames[0]).toContain(`02:67:6e:72:61:01 > ${macOf(100)}`)
    expect(frames[0]).toContain(`fe80::1 > ${LINK_LOCAL}`)
    // What another one does reaches the network, so that it was looked at.
    await solicit(104)
    await eventually('the LAN is heard', () => onLan.frames().some(frame => frame.includes(macOf(104))))
    const ours = (await onLan.stop()).filter(
      frame =>
        frame.includes('router advertisement') || [100, 101, 102].some(vmid => frame.includes(macOf(vmid))),
    )
    expect(ours).toEqual([])
  })

  test('from nowhere is answered to all nodes, but only at the guest’s own hardware address', async () => {
    const frames = await seenAt(guest(100), 'eth0', ADVERTISEMENTS, () => solicit(100, macOf(100), '::'))
    expect(frames[0]).toContain(`> ${macOf(100)}`)
    expect(frames[0]).toContain('fe80::1 > ff02::1')
  })

  test('is answered with everything, as tcpdump reads it', async () => {
    const output = guest(100).run('timeout', ['10', 'tcpdump', '-c1', '-nvvi', 'eth0', ADVERTISEMENTS])
    await eventually('tcpdump listens', async () => {
      await solicit(100)
      return await Promise.race([output.then(() => true), new Promise(resolve => setTimeout(resolve, 300))])
    })
    const told = await output
    expect(told).toContain('[icmp6 sum ok]')
    expect(told).toContain('Flags [managed, other stateful], pref medium, router lifetime 9000s')
    expect(told).toContain('mtu option (5), length 8 (1):  1400')
    expect(told).toContain('2001:db8:a::/64, Flags [onlink], valid time 9000s')
    expect(told).toMatch(/rdnss option.*addr: 2001:db8::53/)
    expect(told).toMatch(/dnssl option.*domain\(s\): lab\.example\./)
  })

  test('in another guest’s name gets nothing, and gives that one nothing', async () => {
    const other = await Capture.start(guest(100), 'eth0', ADVERTISEMENTS)
    const own = await Capture.start(guest(101), 'eth0', ADVERTISEMENTS)
    await solicit(101, macOf(100))
    await solicit(101)
    await eventually('the own one is answered', () => own.frames().length > 0)
    expect(await own.stop()).toHaveLength(1)
    expect(await other.stop()).toEqual([])
  })

  test('too many of them are dropped at the port, and counted', async () => {
    const tap = await world.lab.wire().open(guest(101).netns, 'eth0')
    for (let count = 0; count < 100; count++) tap.send(solicitation(macOf(101), LINK_LOCAL))
    tap.close()
    await reportOf(world, ({ advertising }) =>
      Boolean(advertising?.nics.some(({ vmid, dropped = 0 }) => vmid === 101 && dropped > 50)),
    )
  })
})

describe('where a router of the network is the guest’s, which guestnet cannot tell it of,', () => {
  test('the guest’s solicitation goes on to it, and it is a problem as long as nobody answers', async () => {
    await seenAt(world.lan, world.lan.link, SOLICITATIONS, () => solicit(103))
    const { problems } = await reportOf(world, report =>
      report.problems.some(({ code, vmid }) => code === 'router-unknown' && vmid === 103),
    )
    expect(problems.find(({ code }) => code === 'router-unknown')?.remedy).toContain('gw6')
    expect(await guestnet(world.node, 'explain', '103')).toExitWith(1)
  })

  test('its own advertisement without M comes to that guest with M, and to others as it is', async () => {
    const toOther = await Capture.start(guest(104), 'eth0', `${ADVERTISEMENTS} and ip6[45] & 0x80 == 0`)
    await seenAt(
      guest(103),
      'eth0',
      `${ADVERTISEMENTS} and ether src ${ROUTER.mac} and ip6[45] & 0x80 != 0`,
      () => send(world.lan, 'router0', unmanagedAdvertisement(ROUTER.mac, ROUTER.address)),
    )
    await hasRoute(103, `default via ${ROUTER.address} dev eth0 proto ra`)
    await eventually('the other one hears it', () => toOther.frames().length > 0)
    await toOther.stop()
    await reportOf(world, report => report.problems.every(({ code }) => code !== 'router-unknown'))
  })

  test('guests that are not guestnet’s to tell were told by that one only', async () => {
    for (const vmid of [104, 105]) {
      const routes = await hasRoute(vmid, `default via ${ROUTER.address}`)
      expect(routes.match(/default via/g)).toHaveLength(1)
    }
  })
})

test('an edited gateway is told at once, and the former one is taken back', async () => {
  world.tree.edit(100, text => text.replace('gw6=fe80::1', 'gw6=fe80::2'))
  expect(await hasRoute(100, 'default via fe80::2')).not.toContain('fe80::1')
})

describe('what breaks', () => {
  const advertiser = async () => (await reportOf(world)).advertising?.advertiser.pid

  test('solicitations are answered while no agent runs, and the next one takes the advertiser over', async () => {
    const before = await advertiser()
    agent.signal('SIGKILL')
    await agent.exited
    await seenAt(guest(100), 'eth0', ADVERTISEMENTS, () => solicit(100))
    agent = await runAgent(world)
    expect(await advertiser()).toBe(before)
    expect(await guestnet(world.node, 'plan')).toExitWith(0)
  })

  test.each(['SIGKILL', 'SIGSTOP'] as const)('an advertiser struck by %s is replaced', async signal => {
    const before = await advertiser()
    process.kill(before ?? 0, signal)
    await reportOf(world, ({ advertising }) => {
      const { state, pid } = advertising?.advertiser ?? {}
      return state === 'answering' && pid !== undefined && pid !== before
    })
    await seenAt(guest(100), 'eth0', ADVERTISEMENTS, () => solicit(100))
  })

  test.each(['solicited', 'overheard', 'managed', 'routers-tap103i0', 'tap100i0'])(
    'a chain that is flushed, %s, is made again',
    async chain => {
      await world.node.run('nft', ['flush', 'chain', 'netdev', world.node.agentName, chain])
      await nothingLeft(world.node)
      const rules = await world.node.run('nft', ['list', 'chain', 'netdev', world.node.agentName, chain])
      expect(rules).toMatch(/counter|fwd|dup|set/)
    },
  )
})

test('`ra: false` leaves a network to others, and nothing of it stays', async () => {
  world.tree.policy('dhcp:\n  networks: [{bridge: vmbr0, ra: false}]\n')
  await reportOf(world, ({ advertising }) => advertising === undefined)
  await nothingLeft(world.node)
  expect(await world.node.run('ip', ['-br', 'link'])).not.toContain(`${world.node.agentName}-ra`)
  await seenAt(world.lan, world.lan.link, SOLICITATIONS, () => solicit(100))
})
