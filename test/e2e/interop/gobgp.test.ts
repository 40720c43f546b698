import { test } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import { address, GUEST_100, NODE_AS, NODE_UPLINK, PEER_AS, PEER_UPLINK, routeTo } from '../birdWorld.ts'
import { Gobgp } from '../gobgp.ts'
import { endMeetings, linkLocal, meet } from './meeting.ts'

endMeetings()

const announceDefault = (gobgp: Gobgp, family: 'ipv4' | 'ipv6', nextHop: string) =>
  gobgp.gobgp('global', 'rib', 'add', DEFAULT[family], 'nexthop', nextHop, '-a', family)
const DEFAULT = { ipv4: '0.0.0.0/0', ipv6: '::/0' }
const dumpOf = (gobgp: Gobgp) => async () =>
  [await gobgp.gobgp('neighbor'), await gobgp.gobgp('-j', 'global', 'rib')].join('\n')

test('GoBGP by address', async () => {
  const meeting = await meet({ numbered: true })
  const gobgp = await Gobgp.start(
    meeting.place.router,
    PEER_AS,
    `neighbor-address = "${NODE_UPLINK}"\npeer-as = ${NODE_AS}`,
  )
  await meeting.startBird({ address: address(PEER_UPLINK) })
  // GoBGP tells no link-local next hop. An IPv6 default route by another could keep the kernel from taking the second.
  const { node } = meeting.place
  for (const family of ['ipv6', 'ipv4'] as const) {
    await announceDefault(gobgp, family, PEER_UPLINK)
    await eventually(`the node has the default route of ${family}`, () => routeTo(node, DEFAULT[family]), {
      timeoutMs: 20_000,
      dump: dumpOf(gobgp),
    })
  }
  // Nor may it be in the way of what the node's administrator routes.
  await node.ip([`route add default via ${PEER_UPLINK} dev up0 table 77`])
  for (const { prefix } of GUEST_100) await gobgp.install(prefix, 'down0', NODE_UPLINK)
  await meeting.expectReachable(dumpOf(gobgp))
})

test('GoBGP by nothing but its link', async () => {
  const meeting = await meet({ numbered: false })
  await meeting.startBird({ interface: 'up0' })
  const gobgp = await Gobgp.start(
    meeting.place.router,
    PEER_AS,
    `neighbor-interface = "down0"\npeer-as = ${NODE_AS}`,
  )
  const node = await linkLocal(meeting.place.node, 'up0')
  const router = await linkLocal(meeting.place.router, 'down0')
  for (const family of ['ipv4', 'ipv6'] as const) await announceDefault(gobgp, family, router)
  for (const { prefix } of GUEST_100) await gobgp.install(prefix, 'down0', node)
  await meeting.expectReachable(dumpOf(gobgp))
})
