import { describe, expect, test } from 'vitest'
import { observation, offer, offer6, portOf, slotLink, table } from '../../../test/builders.ts'
import type { Change } from '../change.ts'
import type { DhcpChange } from './change.ts'
import { partsOf } from './needs.ts'
import { elementsOf, ruleLabel } from './service.ts'

const OFFER = offer(100)
const LINK = slotLink(2)
const CREATE: DhcpChange = { kind: 'slot-create', slot: 2, repair: false }
const START: DhcpChange = { kind: 'server-start', server: 'dhcp4-1', slot: 2, config: '', offers: [OFFER] }
const SWITCH: DhcpChange = { kind: 'server-switch', server: 'dhcp4-1', slot: 2, link: LINK }
const SERVE: DhcpChange = { kind: 'port-serve', port: portOf(OFFER), stale: { chain: false, elements: [] } }
const RETIRE: DhcpChange = { kind: 'server-retire', slot: 1, pid: 77, successor: 2 }

const ADVERTISE: Change = { kind: 'advertiser-start', guests: 1 }
const SOLICIT: Change = { kind: 'solicitations-open', link: 'guestnet-ra' }

/** A node on which an older Kea of the server serves already. */
const SERVED = observation({ ports: table({ switches: new Map([['dhcp4-1', slotLink(1)]]) }) })

describe('a change waits for what it needs:', () => {
  test.each<[string, Change, Change]>([
    ['a Kea for its namespace', START, CREATE],
    ['requests for the Kea they are to be sent to', SWITCH, START],
    ['a port for its server', SERVE, START],
    ['the end of a Kea for its successor', RETIRE, START],
    ['the end of a Kea for the requests to go to its successor', RETIRE, SWITCH],
    ['router solicitations for who is to answer them', SOLICIT, ADVERTISE],
  ])('%s', (_, change, failed) => {
    expect(partsOf(change, [], observation())).toEqual({ possible: change })
    expect(partsOf(change, [failed], observation())).toEqual({
      impossible: { change, reason: expect.any(String) },
    })
  })
})

describe('a change does not wait', () => {
  test('for the new Kea of a server of which an older one serves: a port can be served by that', () => {
    expect(partsOf(SERVE, [START], SERVED)).toEqual({ possible: SERVE })
  })

  test.each<[string, Change, Change]>([
    ['a Kea for another namespace', START, { ...CREATE, slot: 3 }],
    ['requests for another server', SWITCH, { ...START, server: 'dhcp4-2', slot: 3 }],
    ['a port for another server', SERVE, { ...START, server: 'dhcp4-2', slot: 3 }],
    ['the end of a Kea for another’s successor', RETIRE, { ...START, slot: 3 }],
    ['router solicitations for a Kea', SOLICIT, START],
    ['a port’s end for anything', { kind: 'port-release', link: OFFER.link }, START],
  ])('for what it does not need: %s', (_, change, failed) => {
    expect(partsOf(change, [failed], observation())).toEqual({ possible: change })
  })
})

describe('a port of both families, where the server of one did not start,', () => {
  const both = {
    ...portOf(OFFER),
    services: [...portOf(OFFER).services, ...portOf(offer6(100), 'dhcp6-1').services],
  }
  const serve: DhcpChange = { kind: 'port-serve', port: both, stale: { chain: false, elements: [] } }
  const start6: DhcpChange = { ...START, server: 'dhcp6-1', slot: 3 }
  const withOnly = (index: number) => ({
    ...serve,
    port: { ...both, services: both.services.slice(index, index + 1) },
  })
  const impossible = { change: withOnly(1), reason: 'its server did not start' }

  test('is served in the other', () => {
    expect(partsOf(serve, [start6], observation())).toEqual({ possible: withOnly(0), impossible })
  })

  test('is left alone where it is already', () => {
    const [service] = both.services
    if (!service) throw new Error('no service')
    const ports = table({
      chains: new Map([[OFFER.link, [{ label: ruleLabel(service), packets: 7 }]]]),
      elements: new Map(elementsOf(service)),
    })
    expect(partsOf(serve, [start6], observation({ ports }))).toEqual({ impossible })
  })
})
