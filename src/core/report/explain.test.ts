import { describe, expect, test } from 'vitest'
import {
  announceObservation,
  type GivenNic,
  linksOf,
  notesOf,
  observation,
  policyFile,
  readingOf,
  slot,
  vm,
  vmidOf,
} from '../../../test/builders.ts'
import { prefixOf } from '../../../test/routings.ts'
import type { Situation } from '../../../test/situation.ts'
import { toGuest } from '../../pve/config/guest.ts'
import { parseGuestConfig } from '../../pve/config/parsedConfig.ts'
import type { AnnounceObservation, ObservedPeer } from '../announcing/observation.ts'
import type { Change } from '../change.ts'
import type { Slot } from '../dhcp/observation.ts'
import { ruleLabel } from '../dhcp/service.ts'
import type { Guest } from '../guest/guest.ts'
import { intend } from '../intent.ts'
import { describeProblem } from '../problem/problem.ts'
import { agentProblems } from './agentHealth.ts'
import { reportAnnouncing } from './announcing.ts'
import { explain, problemsFor } from './explain.ts'
import { withHealth } from './health.ts'
import { report } from './report.ts'
import type { Step } from './step.ts'

/** What there is besides VM 100 with 203.0.113.10/24, which is well. */
interface ExplainedSituation extends Situation {
  readonly kea?: Parameters<typeof slot>[1]
  readonly agent?: 'not running'
  /** What could not be put right. */
  readonly open?: readonly Change[]
}

const POLICY = `announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24]
bgp:
  as: 65001
  peers: [{ name: rtr01, as: 65000, address: 198.51.100.1 }]
`
const PEER: ObservedPeer = {
  peer: 'rtr01',
  protocol: 'peer_rtr01',
  isUp: true,
  bgpState: 'Established',
  since: '2026-11-21 19:29:18',
}
const RUNNING = { state: 'running', pid: 7, routerId: '192.0.2.250' } as const
const FORWARDING = { ipv4: true, ipv6: true, advertised: [] }

function guest(nic: GivenNic = {}, given: Partial<Guest> = {}): Guest {
  const { vmid: _, type: __, nics: ___, ...rest } = given
  return vm(100, [{ ip: '203.0.113.10/24', line: 3, ...nic }], rest)
}

/** What the cycle makes of a situation in which everything that can be done has been done. */
function explained(situation: ExplainedSituation) {
  const { others = [], notes, links = ['vmbr0', 'tap100i0', 'tap50i0'], announcing, kea } = situation
  const { policy, placeOf } = policyFile(`${situation.policy ?? ''}${POLICY}`)
  const subject = situation.guest ?? guest()
  const reading = readingOf([subject, ...others], {
    policy,
    policyPlace: placeOf,
    ...(notes && { notesOf: notesOf({ 100: notes }, { dhcp: 9, announce: 9 }) }),
    ...situation.reading,
  })
  const before = observation({
    links: linksOf(...links),
    announcing: announceObservation({
      forwarding: FORWARDING,
      bird: { ...RUNNING, peers: [PEER] },
      ...announcing,
    }),
  })
  const intent = intend(reading, before)
  const offers = [...intent.dhcp.servers].flatMap(([server, own]) =>
    own.map(offer => ({ kind: 'dhcp' as const, server, offer })),
  )
  const chains = new Map(
    offers
      .filter(({ offer }) => before.links.has(offer.link))
      .map(service => [service.offer.link, [{ label: ruleLabel(service), packets: 1 }]]),
  )
  const slots: Slot[] = [slot(1, { server: 'dhcp4-1', offers: offers.map(({ offer }) => offer), ...kea })]
  const seen = { ...before, slots, ports: { ...before.ports, exists: true, chains } }
  const made = report({
    settings: { node: 'pve1', name: 'guestnet' },
    policy: 'file',
    complete: true,
    intent: intent.dhcp,
    observation: seen,
    done: [],
    ...(intent.announcing &&
      before.announcing && {
        announcing: reportAnnouncing({
          intent: intent.announcing,
          observed: before.announcing,
          open: situation.open ?? [],
          drained: reading.drained,
          forwarded: ['ipv4'],
        }),
      }),
    problems: [...reading.problems, ...intent.problems],
    time: 0,
  })
  const told = withHealth(made, { ...reading, links: before.links })
  const whole = {
    ...told,
    problems: [...agentProblems(situation.agent ?? 'running', 0), ...told.problems],
  }
  const [nic] = explain(subject, whole)
  return {
    dhcp: nic?.steps.at(-1),
    announced: nic?.announced[0]?.steps.at(-1),
    problems: problemsFor(subject, whole).map(describeProblem),
  }
}

type Told = readonly [step: Step['step'], state: Step['state'], words: RegExp]
interface Expected {
  readonly dhcp?: Told
  readonly announced?: Told
  readonly problem?: RegExp
}

const BIRD_DOWN: Partial<AnnounceObservation> = { bird: { state: 'absent', wasThere: true } }
const foreign = [{ table: 100, prefix: prefixOf('203.0.113.7/32'), metric: 32, protocol: 12 }]

const SITUATIONS: Record<string, [ExplainedSituation, Expected]> = {
  'no MAC': [
    { guest: guest({ mac: null }) },
    {
      dhcp: ['offer', 'broken', /no MAC address.*100\.conf:3.*Set a MAC address/],
      announced: ['announcement', 'broken', /no MAC address.*100\.conf:3/],
    },
  ],
  'a port in the wrong bridge': [
    { links: ['vmbr0', 'vmbr1', { name: 'tap100i0', master: 'vmbr1' }] },
    { announced: ['announcement', 'broken', /configured for vmbr0, but its port tap100i0 is in vmbr1.*:3/] },
  ],
  'a bridge that is not there': [
    { guest: guest({ bridge: 'vmbr7' }), links: ['vmbr0'] },
    { dhcp: ['port', 'broken', /no bridge vmbr7.*100\.conf:3.*make the bridge vmbr7/] },
  ],
  link_down: [
    { guest: guest({ linkDown: true }), links: ['vmbr0', { name: 'tap100i0', up: false }] },
    {
      dhcp: ['port', 'waiting', /link_down=1.*100\.conf:3.*Remove link_down/],
      announced: ['announcement', 'waiting', /link_down=1.*Remove link_down/],
    },
  ],
  'an address twice, held by another': [
    { others: [vm(50, [{ ip: '203.0.113.10/24' }])] },
    {
      dhcp: ['offer', 'broken', /VM 50 net0.*holds.*100\.conf:3.*another address/],
      announced: ['announcement', 'broken', /VM 50 net0/],
      problem: /address-duplicate/,
    },
  ],
  'a template': [
    { guest: guest({}, { template: true }) },
    { dhcp: ['configuration', 'waiting', /is a template.*100\.conf.*Make a guest of it/] },
  ],
  'a port that is missing': [
    { links: ['vmbr0'] },
    {
      dhcp: ['port', 'waiting', /no link tap100i0.*Start the guest/],
      announced: ['announcement', 'waiting', /no link tap100i0.*Start the guest/],
    },
  ],
  'a port that is down': [
    { links: ['vmbr0', { name: 'tap100i0', up: false }] },
    {
      dhcp: ['port', 'broken', /tap100i0 is down.*ip link set tap100i0 up/],
      announced: ['announcement', 'broken', /tap100i0 is down.*ip link set tap100i0 up/],
    },
  ],
  'a Kea that is dead': [
    { kea: { state: 'dead' } },
    { dhcp: ['server', 'broken', /does not answer: it is dead/], problem: /is not there.*\[kea-down\]/ },
  ],
  'a policy that excludes the network': [
    { policy: 'dhcp:\n  exclude:\n    - bridge: vmbr0\n' },
    { dhcp: ['offer', 'waiting', /leaves vmbr0 alone.*guestnet\.yaml:3.*Change that in the policy/] },
  ],
  'Notes that exclude the guest': [
    { notes: { dhcp: false, announce: false } },
    {
      dhcp: ['offer', 'waiting', /`dhcp: false`.*100\.conf:9.*Remove that from the Notes/],
      announced: ['announcement', 'waiting', /`announce: false`.*100\.conf:9/],
    },
  ],
  'an address outside the prefixes': [
    { guest: guest({ ip: '198.51.100.7/24' }) },
    { announced: ['announcement', 'waiting', /lies in none.*guestnet\.yaml:5.*Add its prefix/] },
  ],
  'a VLAN that is not announced': [
    { guest: guest({ tag: 5 }) },
    { announced: ['announcement', 'waiting', /does not announce vmbr0 VLAN 5.*yaml:3.*Add it/] },
  ],
  'a lock: backup': [
    { guest: guest({}, { lock: 'backup' }) },
    { announced: ['announcement', 'waiting', /locked for a backup.*100\.conf.*qm unlock/] },
  ],
  'a table that is taken': [
    {
      announcing: {
        bird: { state: 'absent', wasThere: false },
        routing: { ...announceObservation().routing, foreign },
      },
    },
    {
      announced: ['announcement', 'broken', /table 100 already holds.*Choose another/],
      problem: /table-taken/,
    },
  ],
  'a guest that does not run': [
    { links: ['vmbr0'] },
    {
      announced: [
        'announcement',
        'waiting',
        /does not run here; BIRD announces \S+ by itself as soon as tap100i0 is up Start the guest/,
      ],
    },
  ],
  'forwarding that is off': [
    { announcing: { forwarding: { ...FORWARDING, ipv4: false } } },
    { announced: ['kernel', 'broken', /does not forward IPv4.*sysctl -w/], problem: /forwarding-off/ },
  ],
  'a BIRD that is down': [
    { announcing: BIRD_DOWN, open: [{ kind: 'bird-start' }] },
    { announced: ['bird', 'broken', /BIRD is not running|does not have it/], problem: /\[bird-down\]/ },
  ],
  'a peer that is down': [
    {
      announcing: {
        bird: {
          ...RUNNING,
          peers: [{ ...PEER, isUp: false, bgpState: 'Active', error: 'Socket: Connection refused' }],
        },
      },
    },
    { announced: ['peers', 'broken', /rtr01 is Active/], problem: /nothing listens.*\[peer-down\]/ },
  ],
  'a BIRD that has not been asked which peers it tells': [
    {},
    { announced: ['peers', 'waiting', /not been asked yet.*Ask again/] },
  ],
  'a node that is drained': [
    { reading: { drained: 'left' } },
    { announced: ['bird', 'waiting', /drained.*undrain/] },
  ],
  'an agent that does not run': [{ agent: 'not running' }, { problem: /No agent runs.*\[agent-down\]/ }],
}

describe.each(Object.entries(SITUATIONS))('%s', (_, [situation, expected]) => {
  const told = explained(situation)
  const oneLine = (step: Step | undefined) => `${step?.detail} ${step?.remedy}`

  test.each(['dhcp', 'announced'] as const)('is where the way of %s ends, if it does', way => {
    const wanted = expected[way]
    if (!wanted) return
    const [step, state, words] = wanted
    expect([told[way]?.step, told[way]?.state]).toEqual([step, state])
    expect(oneLine(told[way])).toMatch(words)
  })

  test('is told among the problems, if it is one', () => {
    if (expected.problem) expect(told.problems.join('\n')).toMatch(expected.problem)
  })
})

test('a guest that is well has no problem, and only waits for its own request', () => {
  const { dhcp, problems } = explained({})
  expect(dhcp).toMatchObject({ step: 'lease', state: 'waiting' })
  expect(problems).toEqual([])
})

test('a misspelt ipconfg0 is named, with its line', () => {
  const text = `ipconfg0: ip=203.0.113.10/24\nnet0: virtio=52:54:00:00:00:64,bridge=vmbr0\n`
  const file = 'qemu-server/100.conf'
  const misspelt = toGuest(parseGuestConfig(text, 'qemu'), { node: 'pve1', file, vmid: vmidOf(100) })
  const { dhcp, problems } = explained({ guest: misspelt })
  expect(dhcp).toMatchObject({ step: 'configuration', state: 'waiting' })
  expect(dhcp?.detail).toContain('no usable ip= in ipconfig0')
  expect(problems.join()).toMatch(/100\.conf:1: .*ipconfg0.*\[config-key-unknown\]/)
})

test('what does not stop this guest is not told with it', () => {
  const { problems } = explained({
    guest: guest({ bridge: 'vmbr1' }, { node: 'pve2' }),
    announcing: BIRD_DOWN,
    open: [{ kind: 'bird-start' }],
    links: ['vmbr0'],
  })
  expect(problems).toEqual([])
})
