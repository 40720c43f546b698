import { describe, expect, test } from 'vitest'
import { ipv4, linksOf, offer, policyFile, readingOf, vm } from '../../../test/builders.ts'
import type { ObservedPeer } from '../announcing/observation.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { AnnouncingReport } from './announcing.ts'
import { healthProblems, type Surroundings, withHealth } from './health.ts'
import type { NicReport } from './nicRow.ts'
import { peerTrouble } from './peerTrouble.ts'
import type { Report } from './report.ts'

const POLICY = policyFile(`announce:
  table: 100
  networks:
    - { bridge: vmbr0, prefixes: [192.0.2.0/24] }
bgp:
  as: 65001
  peers:
    - { name: rtr01, as: 65000, address: 198.51.100.1 }
`)
const DOWN: ObservedPeer = {
  peer: 'rtr01',
  protocol: 'peer_rtr01',
  isUp: false,
  bgpState: 'Active',
  since: '2026-11-21 19:29:18',
  neighbour: '198.51.100.1',
}
const ANNOUNCING: AnnouncingReport = {
  table: 100,
  announcements: [],
  rules: true,
  standby: [],
  notForwarded: [],
  bird: { state: 'running', pid: 7 },
  peers: [{ ...DOWN, isUp: true, bgpState: 'Established' }],
  drained: 'no',
  withheld: [],
}
const NIC: NicReport = {
  vmid: 100,
  type: 'qemu',
  nic: 0,
  family: 'ipv4',
  state: 'served',
  offer: offer(100),
  server: 'dhcp4-1',
}
const ANNOUNCED = {
  prefix: hostPrefix(ipv4('192.0.2.100')),
  vmid: 100,
  device: 'vmbr0',
  route: true,
  neighbour: true,
}
const KEA = { server: 'dhcp4-1', slot: 1, pid: 77, state: 'answering', offers: 1 } as const
const WELL: Report = {
  version: 1,
  node: 'pve1',
  name: 'guestnet',
  time: 1_800_000_000_000,
  complete: true,
  policy: 'file',
  nics: [NIC],
  servers: [KEA],
  announcing: ANNOUNCING,
  problems: [],
}

function surroundings(given: Partial<Surroundings> = {}): Surroundings {
  const { policy, placeOf: policyPlace } = POLICY
  const guests = [vm(100, [{ ip: '192.0.2.100/24' }])]
  return { ...readingOf(guests, { policy, policyPlace }), links: linksOf('vmbr0', 'tap100i0'), ...given }
}

const codes = (report: Partial<Report>, given: Partial<Surroundings> = {}) =>
  healthProblems({ ...WELL, ...report }, surroundings(given)).map(({ code }) => code)
const announcing = (given: Partial<AnnouncingReport>) => ({ announcing: { ...ANNOUNCING, ...given } })

test('nothing is wrong with a node that is well', () => expect(codes({})).toEqual([]))

describe('a Kea is down', () => {
  test('where it does not answer, or none is there', () => {
    expect(codes({ servers: [{ ...KEA, state: 'silent' }] })).toEqual(['kea-down'])
    expect(codes({ servers: [] })).toEqual(['kea-down'])
  })

  test('only where addresses wait for it', () => expect(codes({ servers: [], nics: [] })).toEqual([]))

  test('not while a second one answers', () => {
    expect(codes({ servers: [{ ...KEA, slot: 2, state: 'silent' }, KEA] })).toEqual([])
  })

  test('not where another version of guestnet started one, which may offer the same', () => {
    expect(codes({ servers: [{ slot: 1, pid: 77, state: 'answering', offers: 0 }] })).toEqual([])
  })
})

describe('of BGP', () => {
  test('a BIRD that is down is told once, not with each of its peers', () => {
    expect(codes(announcing({ bird: { state: 'absent' }, peers: [] }))).toEqual(['bird-down'])
  })

  test('a BIRD that was started just now has no sessions yet', () => {
    expect(codes(announcing({ bird: { state: 'running' }, peers: [] }))).toEqual([])
  })

  test('a peer that BIRD knows nothing of is down', () => {
    expect(codes(announcing({ peers: [] }))).toEqual(['peer-down'])
  })

  test('a node with guests to announce and no peer is told, one without guests is not', () => {
    const { policy, placeOf: policyPlace } = policyFile(`announce:
  table: 100
  networks: [{ bridge: vmbr0, prefixes: [192.0.2.0/24] }]
bgp:
  as: 65001
  peers:
    - { name: rack2, as: 65000, address: 198.51.100.1, nodes: [pve3, pve4] }
`)
    const announced = [ANNOUNCED]
    const problems = healthProblems(
      { ...WELL, ...announcing({ announcements: announced, peers: [] }) },
      surroundings({ policy, policyPlace }),
    )
    expect(problems).toMatchObject([{ code: 'peer-missing', file: 'guestnet.yaml', line: 6 }])
    expect(problems[0]?.message).toContain('its peers are for pve3, pve4.')
    expect(codes(announcing({ peers: [] }), { policy, policyPlace })).toEqual([])
  })

  test('a peer is down since it is known to be, else since BIRD says so', () => {
    const report = { ...WELL, ...announcing({ peers: [DOWN] }) }
    const [byBird] = healthProblems(report, surroundings())
    expect(byBird?.since).toBe(Date.parse('2026-11-21T19:29:18'))
    const [known] = healthProblems(report, surroundings({ downSince: () => 5 }))
    expect(known?.since).toBe(5)
  })

  test('nothing else is told where somebody else has the table', () => {
    const refusal = { code: 'table-taken', message: '', remedy: '' } as const
    expect(codes(announcing({ refusal, notForwarded: ['ipv4'], peers: [] }))).toEqual([])
  })

  test('a family that is not forwarded is told', () => {
    expect(codes(announcing({ notForwarded: ['ipv4', 'ipv6'] }))).toEqual([
      'forwarding-off',
      'forwarding-off',
    ])
  })
})

describe('a bridge is unknown', () => {
  const named = policyFile('dhcp:\n  exclude:\n    - bridge: vmbr1\n    - bridge: vmbr44\n')
  const given = { policy: named.policy, policyPlace: named.placeOf }

  test('where no guest of the cluster is on it and the node has none, at the line that names it', () => {
    const guests = [vm(100, [{ bridge: 'vmbr1' }], { node: 'pve2' })]
    const problems = healthProblems(WELL, surroundings({ ...given, guests }))
    expect(problems).toMatchObject([{ code: 'bridge-unknown', file: 'guestnet.yaml', line: 4 }])
  })

  test('with what was most likely meant', () => {
    const [problem] = healthProblems(WELL, surroundings({ ...given, links: linksOf('vmbr4', 'vmbr1') }))
    expect(problem?.remedy).toContain('Did you mean `vmbr4`?')
  })

  test('not while guests may be missing from what was read', () => {
    expect(codes({}, { ...given, guests: [], complete: false })).toEqual([])
  })
})

test('another node’s clock that is ahead is told; an old line, and this node’s own, are not', () => {
  const now = WELL.time / 1000
  const clocks = new Map([
    ['pve1', now + 60],
    ['pve2', now + 60],
    ['pve3', now - 200],
    ['pve4', now + 2],
  ])
  const problems = healthProblems(WELL, surroundings({ clocks }))
  expect(problems.map(({ code, message }) => [code, message.slice(0, 22)])).toEqual([
    ['clock-ahead', 'The clock of node pve2'],
  ])
})

test('what was wrong before is replaced by what is wrong now; other problems stay', () => {
  const other = { code: 'mac-missing', message: 'no MAC' } as const
  const before = { ...WELL, problems: [{ code: 'kea-down', message: 'old' } as const, other] }
  expect(withHealth(before, surroundings()).problems).toEqual([other])
})

describe('why a session is down', () => {
  const why = (given: Partial<ObservedPeer>, more: object = {}) => {
    const peer = {
      ...POLICY.policy.bgp,
      name: 'rtr01',
      as: 65000,
      bfd: false,
      families: [],
      ...more,
    } as never
    const { why: text, remedy } = peerTrouble({
      session: { ...DOWN, ...given },
      peer,
      hasLink: !('nowhere' in more),
    })
    expect(remedy).toMatch(/^[A-Z].*[.]$/)
    return text
  }

  test.each<[string, Partial<ObservedPeer>, object, RegExp]>([
    ['its AS', { error: 'BGP Error: Bad peer AS' }, {}, /^wrong AS: 198\.51\.100\.1 has another .*\(65000\)/],
    ['our AS', { error: 'Received: Bad peer AS' }, {}, /expects another AS number of this node/],
    [
      'nobody there',
      { error: 'Socket: Connection refused' },
      { port: 1790 },
      /nothing listens: .* port 1790/,
    ],
    ['BFD', { error: 'Error: BFD session down' }, {}, /^BFD tells/],
    ['silence', { error: 'Error: Hold timer expired' }, {}, /fell silent/],
    ['no way', { error: 'Socket: No route to host' }, {}, /^no way leads/],
    ['the link', { error: 'Error: Link down' }, {}, /^the link .* is down/],
    ['MD5', { error: 'Error: Kernel MD5 auth failed' }, {}, /password/],
    ['shut down', { error: 'Received: Administrative shutdown' }, {}, /on purpose/],
    ['rejected', { error: 'Received: Connection rejected' }, {}, /does not accept this node/],
    [
      'the peer’s words',
      { error: 'Received: Out of Resources' },
      {},
      /has ended the session: Out of Resources/,
    ],
    ['no answer', {}, {}, /does not answer$/],
    ['perhaps a password', { bgpState: 'Connect' }, { password: 'x' }, /which a wrong password looks like/],
    [
      'perhaps a peer without GTSM',
      { bgpState: 'Connect' },
      { ttlSecurity: true },
      /which a peer without GTSM looks like/,
    ],
    [
      'nobody on the link',
      { bgpState: 'Passive' },
      { interface: 'eno2' },
      /nobody has called from the link eno2/,
    ],
    ['no such link', {}, { interface: 'eno9', nowhere: true }, /no link eno9/],
    ['no such network', { bgpState: 'Idle' }, {}, /on none of this node's links/],
    [
      'what nobody knows',
      { bgpState: 'OpenSent', error: 'Error: Odd' },
      {},
      /^it is OpenSent \(Error: Odd\)/,
    ],
  ])('%s', (_, given, more, pattern) => expect(why(given, more)).toMatch(pattern))
})
