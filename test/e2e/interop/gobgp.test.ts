import { test } from 'vitest'
import { address, GUEST_100, NODE_AS, NODE_UPLINK, PEER_AS, PEER_UPLINK } from '../birdWorld.ts'
import { Gobgp } from '../gobgp.ts'
import { endMeetings, linkLocal, meet } from './meeting.ts'

endMeetings()

const announceDefaults = async (gobgp: Gobgp, nextHop: string) => {
  await gobgp.gobgp('global', 'rib', 'add', '0.0.0.0/0', 'nexthop', nextHop, '-a', 'ipv4')
  await gobgp.gobgp('global', 'rib', 'add', '::/0', 'nexthop', nextHop, '-a', 'ipv6')
}
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
  await announceDefaults(gobgp, PEER_UPLINK)
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
  await announceDefaults(gobgp, await linkLocal(meeting.place.router, 'down0'))
  for (const { prefix } of GUEST_100) await gobgp.install(prefix, 'down0', node)
  await meeting.expectReachable(dumpOf(gobgp))
})
