import { markOf } from '../../../src/core/routing/mark.ts'
import { eventually } from '../../eventually.ts'
import { monotonicMs } from '../../wire.ts'
import type { Act, Scene } from '../act.ts'
import { introductionOf, nameOf, ROUTED_BRIDGE, SHOP, VPN } from '../cast.ts'
import { ANNOUNCING, addressesOf, ipv6Of } from '../fabric.ts'
import { takeLease, tellTaken } from '../lease.ts'

/** An address in the prefix behind `vpn`. */
const BEHIND = '203.0.113.65'
const PINGS = 3

export const announce: Act = {
  heading: 'The policy says what may leave: a router learns each guest by BGP, from the node it runs on',
  async play(scene) {
    await join(scene)
    await learn(scene)
    await ping(scene)
    await showRules(scene)
  },
}

/** A second node and the router appear, and guests that are to be announced. */
async function join({ stage, tell }: Scene): Promise<void> {
  const { second } = await stage.addFabric()
  tell.say(
    `another node, ${second.name}, and a router join; between the three is IPv6 only. ${ROUTED_BRIDGE} of each node has no ports but its guests’, so that the node can be their gateway`,
  )
  for (const role of [SHOP, VPN]) {
    tell.topic(introductionOf(role))
    tell.lines(stage.configure(role))
    const guest = await stage.node.start(role.vmid)
    tellTaken(tell, await takeLease(stage, role))
    await guest.ip(ipv6Of(role))
  }
  await stage.node.guest(VPN.vmid).ip(['link set lo up', `addr add ${BEHIND}/32 dev lo`])
}

async function learn({ stage, tell }: Scene): Promise<void> {
  const { node, fabric } = stage
  const { router } = fabric
  const wanted = [SHOP, VPN].flatMap(role => [...addressesOf(role), role.routes ?? []].flat())
  tell.topic('guestnet.yaml, one for the cluster')
  tell.lines(ANNOUNCING.trimEnd().split('\n'))
  const writtenAt = monotonicMs()
  stage.tree.policy(ANNOUNCING)
  const at = await fabric.routes.leadTo(wanted, fabric.nextHopOf(node))
  tell.say(`${Math.round(at - writtenAt)} ms later a BIRD runs on each node, and the router has all routes`)
  for (const family of ['-4', '-6']) {
    const show = [family, 'route', 'show', 'proto', 'bird']
    tell.shell('router', `ip ${show.join(' ')}`, await router.run('ip', show))
  }
  const nextHops = await Promise.all(wanted.map(destination => router.nextHop(destination)))
  const right = nextHops.filter(nextHop => nextHop === fabric.nextHopOf(node)).length
  tell.expect(
    `${right} of ${wanted.length} lead to ${node.name}, IPv4 by way of an IPv6 next hop (RFC 8950)`,
    right === wanted.length,
  )
}

/** The router offers the way back at the same time, so it may come a moment later. */
async function ping({ stage: { node, fabric }, tell }: Scene): Promise<void> {
  for (const family of ['-4', '-6'])
    await eventually(
      `${node.name} has learned a default route, ${family}`,
      async () => (await node.ipJson(family, 'route', 'show', 'default', 'table', '101')).length > 0,
      { dump: () => node.lab.dump() },
    )
  const addresses = [...addressesOf(SHOP), ...addressesOf(VPN), BEHIND]
  const answers = await Promise.all(addresses.map(address => fabric.router.ping(address, PINGS)))
  tell.expect(
    `pings from the world behind the router: ${addresses.map((address, index) => `${address} answers ${answers[index]} of ${PINGS}`).join(', ')}`,
    answers.every(answered => answered === PINGS),
  )
}

async function showRules({ stage: { node }, tell }: Scene): Promise<void> {
  const mark = `proto ${markOf(node.agentName)}`
  const list = async (family: string) =>
    (await node.run('ip', [family, 'rule'])).split('\n').filter(line => line.includes(mark))
  const [ipv4, ipv6] = [await list('-4'), await list('-6')]
  tell.shell(node.name, `ip rule | grep "${mark}"`, ipv4.join('\n'))
  tell.expect(
    `with the same for IPv6, ${ipv4.length + ipv6.length} rules for ${[SHOP, VPN].map(nameOf).join(' and ')}, and for as many guests as there may be`,
    ipv4.length + ipv6.length === 4,
  )
}
