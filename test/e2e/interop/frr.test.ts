import { test } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import { address, NODE_AS, NODE_UPLINK, PEER_AS, PEER_UPLINK } from '../birdWorld.ts'
import { Frr } from '../frr.ts'
import { endMeetings, meet } from './meeting.ts'

endMeetings()

const config = (neighbour: string, lines: string) => `hostname rtr
router bgp ${PEER_AS}
 bgp router-id 100.90.100.2
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 ${lines}
 neighbor ${neighbour} capability extended-nexthop
 address-family ipv4 unicast
neighbor ${neighbour} activate
neighbor ${neighbour} default-originate
 exit-address-family
 address-family ipv6 unicast
neighbor ${neighbour} activate
neighbor ${neighbour} default-originate
 exit-address-family
exit
`
const dumpOf = (frr: Frr) => async () =>
  [
    await frr.show('show bgp neighbors'),
    await frr.show('show bgp ipv4 unicast'),
    await frr.show('show ip route'),
  ].join('\n')

test('FRR by address, which must be near', async () => {
  const meeting = await meet({ numbered: true })
  const frr = await Frr.start(
    meeting.place.router,
    config(
      NODE_UPLINK,
      `neighbor ${NODE_UPLINK} remote-as ${NODE_AS}\n neighbor ${NODE_UPLINK} ttl-security hops 1`,
    ),
  )
  await meeting.startBird({ address: address(PEER_UPLINK), ttlSecurity: true })
  await meeting.expectReachable(dumpOf(frr))
})

test('an FRR that goes silent is noticed by BFD', async () => {
  const meeting = await meet({ numbered: true })
  const lines = `neighbor ${NODE_UPLINK} remote-as ${NODE_AS}\n neighbor ${NODE_UPLINK} bfd`
  const frr = await Frr.start(meeting.place.router, config(NODE_UPLINK, lines))
  await meeting.startBird({ address: address(PEER_UPLINK), bfd: true })
  await meeting.expectReachable(dumpOf(frr))
  await eventually(
    'FRR has it by BFD',
    async () => (await frr.show('show bfd peers brief')).includes(' up '),
    {
      dump: () => frr.show('show bfd peers'),
    },
  )
  await meeting.expectSilenceNoticed()
})

test('FRR by nothing but its link', async () => {
  const meeting = await meet({ numbered: false })
  const frr = await Frr.start(
    meeting.place.router,
    config('down0', `neighbor down0 interface remote-as ${NODE_AS}`),
  )
  await meeting.startBird({ interface: 'up0' })
  await meeting.expectReachable(dumpOf(frr))
})
