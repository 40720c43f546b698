import { expect, test } from 'vitest'
import { readPeers, readPrefixes, readStatus } from './readings.ts'
import { type Reply, ReplyParser } from './reply.ts'

const replyOf = (text: string): Reply => new ReplyParser().push(text)[0] ?? []

test('status', () => {
  const reply = replyOf(`1000-BIRD 2.17.5
1011-Router ID is 192.0.2.1
 Hostname is pve1
 Current server time is 2026-11-21 19:29:23
 Last reboot on 2026-11-21 19:29:20
0013 Daemon is up and running
`)
  expect(readStatus(reply)).toEqual({
    version: '2.17.5',
    routerId: '192.0.2.1',
    startedAt: '2026-11-21 19:29:20',
  })
})

test('peers: by their own names, an unnumbered one by the neighbour that came', () => {
  const reply = replyOf(`2002-Name       Proto      Table      State  Since         Info
1002-device1    Device     ---        up     2026-11-21 19:29:18  
1006-
1002-peer_rtr_1 BGP        ---        start  2026-11-21 19:29:18  Active        Socket: Connection refused
1006-  Description:    rtr-1
   BGP state:          Active
     Neighbor address: 2001:db8::2
     Neighbor AS:      65000
     Last error:       Socket: Connection refused
   Channel ipv4
     State:          DOWN
     Table:          routes4
 
1002-peer_link  BGP        ---        start  2026-11-21 19:29:18  Passive       
1006-  Description:    link
   BGP state:          Passive
     Neighbor range:   fe80::/10
 
1002-link_peer_link_1 BGP        ---        up     2026-11-21 19:29:20  Established   
1006-  Description:    link
   BGP state:          Established
     Neighbor address: fe80::2%eno2
   Channel ipv4
     State:          UP
     Routes:         1 imported, 12 exported, 1 preferred
   Channel ipv6
     State:          UP
     Routes:         1 imported, 2 filtered, 3 exported, 1 preferred
 
0000 
`)
  expect(readPeers(reply)).toEqual([
    {
      peer: 'rtr-1',
      protocol: 'peer_rtr_1',
      isUp: false,
      bgpState: 'Active',
      since: '2026-11-21 19:29:18',
      neighbour: '2001:db8::2',
      error: 'Socket: Connection refused',
      channels: [{ family: 'ipv4', imported: 0, exported: 0 }],
    },
    {
      peer: 'link',
      protocol: 'link_peer_link_1',
      isUp: true,
      bgpState: 'Established',
      since: '2026-11-21 19:29:20',
      neighbour: 'fe80::2%eno2',
      channels: [
        { family: 'ipv4', imported: 1, exported: 12 },
        { family: 'ipv6', imported: 1, exported: 3 },
      ],
    },
  ])
})

test('routes: the networks, whatever is said of them', () => {
  const reply = replyOf(`1007-Table routes4:
 203.0.113.10/32      unicast [guests4 19:29:18.000] * (200)
 	dev vmbr0
                      unicast [other 19:29:18.000] (100)
 203.0.113.11/32      unicast [guests4 19:29:18.000] * (200)
0000 
`)
  expect(readPrefixes(reply)).toEqual(new Set(['203.0.113.10/32', '203.0.113.11/32']))
})
