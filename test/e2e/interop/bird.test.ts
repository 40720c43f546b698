import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import { findPortHolder } from '../../../src/bird/port179.ts'
import { OTHER_PORT } from '../../../src/core/announcing/birdSettings.ts'
import { DONE } from '../../../src/core/values/result.ts'
import { BirdRouter } from '../birdRouter.ts'
import { address, fileIn, filesOf, NODE_AS, NODE_UPLINK, PEER_AS, PEER_UPLINK, peer } from '../birdWorld.ts'
import { endMeetings, linkLocal, meet } from './meeting.ts'

endMeetings()

const dumpOf = (router: BirdRouter) => () => router.birdc('show', 'protocols', 'all')

test('a BIRD by link-local address', async () => {
  const meeting = await meet({ numbered: false })
  const router = new BirdRouter(meeting.place, `neighbor range fe80::/10 as ${NODE_AS}; interface "down0";`)
  await meeting.startBird({
    address: address(await linkLocal(meeting.place.router, 'down0')),
    interface: 'up0',
  })
  await meeting.expectReachable(dumpOf(router))
})

test('a BIRD by nothing but its link', async () => {
  const meeting = await meet({ numbered: false })
  await meeting.startBird({ interface: 'up0' })
  const node = await linkLocal(meeting.place.node, 'up0')
  const router = new BirdRouter(meeting.place, `neighbor ${node} as ${NODE_AS}; interface "down0";`)
  await meeting.expectReachable(dumpOf(router))
})

test('a BIRD with a password, on another port, and with the shortest hold time', async () => {
  const meeting = await meet({ numbered: true })
  const neighbour = `local port 1179 as ${PEER_AS}; neighbor ${NODE_UPLINK} as ${NODE_AS}; password "a secret";`
  const router = new BirdRouter(meeting.place, neighbour)
  await meeting.startBird({ address: address(PEER_UPLINK), port: 1179, password: 'a secret', holdTime: 3 })
  await meeting.expectReachable(dumpOf(router))
})

test('a BIRD as if some hops away, with BFD', async () => {
  const meeting = await meet({ numbered: true })
  const router = new BirdRouter(
    meeting.place,
    `neighbor ${NODE_UPLINK} as ${NODE_AS}; multihop 2; source address ${PEER_UPLINK}; bfd on;`,
  )
  const ends = { address: address(PEER_UPLINK), localAddress: address(NODE_UPLINK) }
  await meeting.startBird({ ...ends, multihop: 2, bfd: true })
  await meeting.expectReachable(dumpOf(router))
})

test('a BIRD that goes silent is noticed by BFD', async () => {
  const meeting = await meet({ numbered: true })
  const router = new BirdRouter(meeting.place, `neighbor ${NODE_UPLINK} as ${NODE_AS}; bfd on;`)
  await meeting.startBird({ address: address(PEER_UPLINK), bfd: true })
  await meeting.expectReachable(dumpOf(router))
  await meeting.expectSilenceNoticed()
})

test('where a daemon of the node has the port of BGP, ours calls from another, and leaves that daemon alone', async () => {
  const meeting = await meet({ numbered: true })
  const config = fileIn(
    meeting.place.lab,
    'other',
    'bird.conf',
    'router id 192.0.2.1;\nprotocol bgp { local as 65001; neighbor 2001:db8::1 as 65002; multihop; ipv6 { import none; export none; }; }\n',
  )
  const socket = join(meeting.place.lab.folder('other'), 'bird.ctl')
  const other = meeting.place.node.spawn('other', 'bird', ['-f', '-c', config, '-s', socket])
  const ss = [...meeting.place.node.enter, 'ss']
  const holder = await eventually('the port is taken', () => findPortHolder(undefined, ss))
  expect(holder).toEqual({ program: expect.stringMatching(/bird|ld-linux/), pid: other.pid })
  expect(await findPortHolder(other.pid, ss)).toBeUndefined()
  const router = new BirdRouter(meeting.place)
  const peers = [peer({ address: address(PEER_UPLINK) })]
  expect(await meeting.daemon.start(filesOf(meeting.daemon, { peers, localPort: OTHER_PORT }))).toEqual(DONE)
  await meeting.expectReachable(dumpOf(router))
  expect(await meeting.daemon.remove()).toBe(true)
  expect(existsSync(meeting.daemon.paths.folder)).toBe(false)
  expect(other.running).toBe(true)
})
