import { describe, expect, test } from 'vitest'
import { cidr6, offer, offer6 } from '../../../test/builders.ts'
import type { Prefix } from '../values/address.ts'
import type { AnnouncementReport, AnnouncingReport } from './announcing.ts'
import { arrivalOf } from './arrival.ts'
import type { NicReport } from './nicRow.ts'
import { REPORT_VERSION, type Report } from './report.ts'

const OFFER = offer(100, { address: '203.0.113.10/24' })
const OFFER6 = offer6(100, { address: cidr6('2001:db8:a::10/64') })
const PEER = { peer: 'rtr01', protocol: 'rtr01', isUp: true, bgpState: 'Established', since: '' }

function announcement(more: Partial<AnnouncementReport> = {}): AnnouncementReport {
  return {
    prefix: '203.0.113.10/32' as Prefix,
    vmid: 100,
    device: 'vmbr0',
    route: true,
    neighbour: true,
    told: true,
    exportedTo: ['rtr01'],
    ...more,
  }
}

function announcing(more: Partial<AnnouncingReport> = {}): AnnouncingReport {
  return {
    table: 100,
    announcements: [announcement()],
    rules: true,
    standby: [],
    notForwarded: [],
    bird: { state: 'running', pid: 1 },
    peers: [PEER],
    drained: 'no',
    withheld: [],
    ...more,
  }
}

/** As it is told where BGP is somebody else's. */
const EXTERNAL: AnnouncingReport = {
  table: 100,
  announcements: [
    { prefix: '203.0.113.10/32' as Prefix, vmid: 100, device: 'vmbr0', route: true, neighbour: true },
  ],
  rules: true,
  standby: [],
  notForwarded: [],
  peers: [],
  drained: 'no',
  withheld: [],
}

function nic(state: NicReport['state']): NicReport {
  const named = { vmid: 100, type: 'qemu', nic: 0, family: 'ipv4', state } as const
  if (state !== 'refused') return { ...named, offer: OFFER }
  return { ...named, refusal: { code: 'no-mac', message: 'no MAC', remedy: 'Set one.' } }
}

function nic6(state: 'served' | 'pending'): NicReport {
  return { vmid: 100, type: 'qemu', nic: 0, family: 'ipv6', state, offer: OFFER6 }
}

function report(nics: readonly NicReport[], announced?: AnnouncingReport): Report {
  return {
    version: REPORT_VERSION,
    node: 'pve1',
    name: 'guestnet',
    time: 0,
    complete: true,
    policy: 'default',
    nics,
    servers: [],
    problems: [],
    ...(announced && { announcing: announced }),
  }
}

describe('a guest has arrived when', () => {
  test.each([
    ['it is served', report([nic('served')]), 'VM 100 net0 served 203.0.113.10'],
    [
      'it is served in both families',
      report([nic('served'), nic6('served')]),
      'VM 100 net0 served 203.0.113.10 and 2001:db8:a::10',
    ],
    ['it is refused', report([nic('refused')]), 'guest 100 net0 not served: no MAC'],
    ['there is nothing to do', report([]), 'guest 100 has nothing to be served or announced here'],
    [
      'it is announced too',
      report([nic('served')], announcing()),
      'VM 100 net0 served 203.0.113.10, announced 203.0.113.10 to rtr01',
    ],
    ['BGP is somebody else’s', report([], EXTERNAL), 'guest 100 203.0.113.10 routed for your own BGP daemon'],
    [
      'nobody listens',
      report(
        [],
        announcing({ peers: [{ ...PEER, isUp: false }], announcements: [announcement({ exportedTo: [] })] }),
      ),
      'guest 100 203.0.113.10 told to BIRD, but no BGP session is up',
    ],
    [
      'the node is drained',
      report([], announcing({ drained: 'left', announcements: [announcement({ told: false })] })),
      'guest 100 not announced: this node is drained',
    ],
  ])('%s', (_, given, text) => expect(arrivalOf(given, 100)).toEqual({ isDone: true, text }))
})

describe('a guest is waited for while', () => {
  test.each([
    ['it has no port', report([nic('stopped')]), 'VM 100 net0 has no port yet'],
    ['its port is not served', report([nic('pending')]), 'VM 100 net0 not served 203.0.113.10 yet'],
    [
      'its port is served in one family only',
      report([nic('served'), nic6('pending')]),
      'VM 100 net0 served 203.0.113.10, net0 not served 2001:db8:a::10 yet',
    ],
    [
      'a route is missing',
      report([], announcing({ announcements: [announcement({ route: false })] })),
      'guest 100 203.0.113.10 not announced yet',
    ],
    [
      'no peer has been told',
      report([], announcing({ announcements: [announcement({ exportedTo: [] })] })),
      'guest 100 203.0.113.10 not announced yet',
    ],
  ])('%s', (_, given, text) => expect(arrivalOf(given, 100)).toEqual({ isDone: false, text }))
})

test('a line names only some of many prefixes', () => {
  const announcements = [1, 2, 3, 4, 5, 6].map(n => announcement({ prefix: `203.0.113.${n}/32` as Prefix }))
  expect(arrivalOf(report([], announcing({ announcements })), 100).text).toBe(
    'guest 100 announced 203.0.113.1 and 203.0.113.2 and 203.0.113.3 and 203.0.113.4 and 2 more to rtr01',
  )
})
