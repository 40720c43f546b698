import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, nothingLeft } from '../../lab/agent.ts'
import { solicitation } from '../../lab/clients/icmp6.ts'
import { eventually } from '../../lab/eventually.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../../lab/namespace.ts'
import type { LabProcess } from '../../lab/process.ts'
import { createWorld, macOf, reportOf, runAgent, vm, type World } from './world.ts'

/**
 * Routers of the network that do not advertise themselves, whose guests have them by a global address. Which link-local address they
 * have, nobody has written down.
 */
const ROUTERS = {
  opaque: { vmid: 100, net: '2001:db8:1:', mac: '02:00:00:00:01:01', linkLocal: 'fe80::d1ce:c0ff:ee:1' },
  mute: { vmid: 101, net: '2001:db8:2:', mac: '02:00:00:00:02:02', linkLocal: 'fe80::ff:fe00:202' },
  host: { vmid: 102, net: '2001:db8:3:', mac: '02:00:00:00:03:03', linkLocal: 'fe80::ff:fe00:303' },
  tagged: { vmid: 104, net: '2001:db8:5:', mac: '02:00:00:00:05:05', linkLocal: 'fe80::5', tag: 5 },
  twice: { vmid: 103, net: '2001:db8:4:', mac: '02:00:00:00:04:04', linkLocal: 'fe80::ff:fe00:404' },
} satisfies Record<string, Router>

interface Router {
  /** The guest that has it. */
  readonly vmid: number
  readonly net: string
  readonly mac: string
  readonly linkLocal: string
  readonly tag?: number
}

const BEYOND = '2001:db8:f::1'

let world: World
let agent: LabProcess
let opaque: Namespace

/** A machine on the LAN, or in a VLAN, that forwards unless told otherwise. */
async function addRouter(
  name: string,
  { net, mac, linkLocal, tag }: Omit<Router, 'vmid'>,
): Promise<Namespace> {
  const { lab, lan, node } = world
  const [where, bridge] = tag === undefined ? [lan, lan.link] : [node, `vmbr0v${tag}`]
  const router = new Namespace(lab, `${lab.id}-${name}`)
  lab.own(name, () => deleteNamespaces([router.netns]))
  await addNamespaces([router.netns])
  await where.ip([
    `link add s-${name} type veth peer name eth0 address ${mac} netns ${router.netns}`,
    `link set s-${name} master ${bridge} up`,
  ])
  // No address of the kernel's own making.
  await setTo(router, 'conf/eth0/addr_gen_mode', '1')
  await router.ip([
    'link set lo up',
    'link set eth0 up',
    `addr add ${linkLocal}/64 dev eth0 nodad`,
    `addr add ${net}:1/64 dev eth0 nodad`,
    `addr add ${BEYOND}/128 dev lo nodad`,
  ])
  await setTo(router, 'conf/all/forwarding', '1')
  return router
}

const setTo = (where: Namespace, key: string, value: string) =>
  where.run('sh', ['-c', `echo ${value} > /proc/sys/net/ipv6/${key}`])

const configOf = ({ vmid, net, tag }: Router) =>
  vm(vmid, {
    net: tag === undefined ? '' : `,firewall=1,tag=${tag}`,
    more: `ipconfig0: ip6=${net}:${vmid}/64,gw6=${net}:1\n`,
  })

beforeAll(async () => {
  world = await createWorld({ prefix: 'seek' })
  const { tree, node } = world
  opaque = await addRouter('opaque', ROUTERS.opaque)
  await setTo(await addRouter('mute', ROUTERS.mute), 'icmp/echo_ignore_multicast', '1')
  await setTo(await addRouter('host', ROUTERS.host), 'conf/all/forwarding', '0')
  await addRouter('twice', ROUTERS.twice)
  await addRouter('again', { ...ROUTERS.twice, mac: '02:00:00:00:04:05', linkLocal: 'fe80::ff:fe00:405' })
  for (const router of Object.values(ROUTERS)) tree.write('pve1', 'qemu', router.vmid, configOf(router))
  await node.startAll([100, 101, 102, 103, 104])
  await addRouter('tagged', ROUTERS.tagged)
  agent = await runAgent(world)
})

afterAll(() => world?.lab.close())

const guest = (vmid: number) => world.node.guest(vmid)

async function hasRouter(vmid: number, linkLocal: string): Promise<void> {
  await eventually(
    `guest ${vmid} has ${linkLocal} as its only router`,
    async () => {
      const routes = await guest(vmid).run('ip', ['-6', 'route', 'show', 'default'])
      const routers = [...routes.matchAll(/via (\S+)/g)].map(([, address]) => address)
      return routers.join() === linkLocal || Promise.reject(new Error(routes))
    },
    { timeoutMs: 20_000, dump: () => world.lab.dump() },
  )
}

async function solicit(vmid: number): Promise<void> {
  const tap = await world.lab.wire().open(guest(vmid).netns, 'eth0')
  tap.send(solicitation(macOf(vmid), `fe80::${vmid}`))
  tap.close()
}

describe('a router that does not advertise itself is asked for its link-local address, and guests are told', () => {
  test('of the one that it answers from, and get out', async () => {
    const { vmid, net, linkLocal } = ROUTERS.opaque
    await hasRouter(vmid, linkLocal)
    await guest(vmid).ip([`addr add ${net}:${vmid}/64 dev eth0 nodad`])
    await eventually(
      'a ping by the router',
      async () => (await guest(vmid).attempt('ping', ['-6', '-c1', '-W1', BEYOND])).exitCode === 0,
      { dump: () => world.lab.dump() },
    )
  })

  test('of the one made of its hardware address, where it answers for that and no echo', async () => {
    await hasRouter(ROUTERS.mute.vmid, ROUTERS.mute.linkLocal)
  })

  test('in a VLAN, whose bridge Proxmox turns IPv6 off on', async () => {
    await hasRouter(ROUTERS.tagged.vmid, ROUTERS.tagged.linkLocal)
  })

  test('and explain tells it', async () => {
    await solicit(ROUTERS.opaque.vmid)
    await eventually('explain tells it', async () => {
      const { stdout } = await guestnet(world.node, 'explain', '100')
      return stdout.includes(`${ROUTERS.opaque.linkLocal} is its router`) || Promise.reject(new Error(stdout))
    })
  })
})

describe('guests are not told, and it is a problem that says why,', () => {
  test.each([
    ['of a machine that does not say that it is a router', 102, `${ROUTERS.host.mac} on vmbr0 has`],
    ['where two have the address', 103, 'several on vmbr0 say that they have 2001:db8:4::1'],
  ])('%s', async (_, vmid, why) => {
    await solicit(vmid)
    const { problems } = await reportOf(world, report =>
      report.problems.some(
        ({ code, message, vmid: of }) => code === 'router-unknown' && of === vmid && message.includes(why),
      ),
    )
    expect(problems.find(({ vmid: of }) => of === vmid)?.remedy).toContain('gw6')
  })
})

test('the next agent tells it as well while the router is silent, and of another one once that has the address', async () => {
  await opaque.ip(['link set eth0 down'])
  await agent.stop()
  agent = await runAgent(world)
  await nothingLeft(world.node)
  await hasRouter(100, ROUTERS.opaque.linkLocal)
  await agent.stop()
  const successor = { net: ROUTERS.opaque.net, mac: '02:00:00:00:01:99', linkLocal: 'fe80::99' }
  await addRouter('successor', successor)
  agent = await runAgent(world)
  await hasRouter(100, successor.linkLocal)
})
