import { describe, expect, test } from 'vitest'
import { observation, offer, portOf, slotLink, table } from '../../../test/builders.ts'
import type { DhcpChange } from './change.ts'
import { obstacleTo } from './needs.ts'

const OFFER = offer(100)
const LINK = slotLink(2)
const CREATE: DhcpChange = { kind: 'slot-create', slot: 2, repair: false }
const START: DhcpChange = { kind: 'server-start', server: 'dhcp4-1', slot: 2, config: '', offers: [OFFER] }
const SWITCH: DhcpChange = { kind: 'server-switch', server: 'dhcp4-1', slot: 2, link: LINK }
const SERVE: DhcpChange = { kind: 'port-serve', port: portOf(OFFER), stale: { chain: false, elements: [] } }
const RETIRE: DhcpChange = { kind: 'server-retire', slot: 1, pid: 77, successor: 2 }

/** A node on which an older Kea of the server serves already. */
const SERVED = observation({ ports: table({ switches: new Map([['dhcp4-1', slotLink(1)]]) }) })

describe('a change waits for what it needs:', () => {
  test.each<[string, DhcpChange, DhcpChange]>([
    ['a Kea for its namespace', START, CREATE],
    ['requests for the Kea they are to be sent to', SWITCH, START],
    ['a port for its server', SERVE, START],
    ['the end of a Kea for its successor', RETIRE, START],
    ['the end of a Kea for the requests to go to its successor', RETIRE, SWITCH],
  ])('%s', (_, change, failed) => {
    expect(obstacleTo(change, [], observation())).toBeUndefined()
    expect(obstacleTo(change, [failed], observation())).toEqual(expect.any(String))
  })
})

describe('a change does not wait', () => {
  test('for the new Kea of a server of which an older one serves: a port can be served by that', () => {
    expect(obstacleTo(SERVE, [START], SERVED)).toBeUndefined()
  })

  test.each<[string, DhcpChange, DhcpChange]>([
    ['a Kea for another namespace', START, { ...CREATE, slot: 3 }],
    ['requests for another server', SWITCH, { ...START, server: 'dhcp4-2', slot: 3 }],
    ['a port for another server', SERVE, { ...START, server: 'dhcp4-2', slot: 3 }],
    ['the end of a Kea for another’s successor', RETIRE, { ...START, slot: 3 }],
    ['a port’s end for anything', { kind: 'port-release', link: OFFER.link }, START],
  ])('for what it does not need: %s', (_, change, failed) => {
    expect(obstacleTo(change, [failed], observation())).toBeUndefined()
  })
})
