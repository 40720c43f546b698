import { describe, expect, test } from 'vitest'
import {
  announceObservation,
  type GivenNic,
  linksOf,
  notesOf,
  observation,
  offer,
  policyFile,
  readingOf,
  SEEN_NOTHING,
  vm,
} from '../../test/builders.ts'
import { onceSettled } from '../../test/holders.ts'
import { prefixOf } from '../../test/routings.ts'
import type { Situation } from '../../test/situation.ts'
import type { Guest } from './guest/guest.ts'
import { intend } from './intent.ts'
import { REFUSAL_CODES, type Refusal, type RefusalCode, type Where } from './problem/refusal.ts'
import { explain } from './report/explain.ts'
import { report } from './report/report.ts'

/** What there is besides VM 100, and in what of it the refusal is to be found. */
interface RefusedSituation extends Situation {
  /** Before anybody has written down who holds what several guests want. */
  readonly isOpen?: true
  /** What the address is refused to: DHCP, its announcement, or both. */
  readonly by: readonly ('dhcp' | 'announcing')[]
  readonly where?: Where
}

function guest(nic: GivenNic = {}, given: Partial<Guest> = {}): Guest {
  const { vmid: _, type: __, nics: ___, ...rest } = given
  return vm(100, [{ ip: '203.0.113.10/24', line: 3, ...nic }], rest)
}

const ANNOUNCE = `announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24]
    - { bridge: vmbr0, tag: 5, prefixes: [203.0.113.0/24] }
`
const FILE = 'qemu-server/100.conf'
const LINE = { file: FILE, line: 3 }
const inPolicy = (line: number) => ({ file: 'guestnet.yaml', line })
const BOTH = ['dhcp', 'announcing'] as const
const foreignBird = [{ table: 100, prefix: prefixOf('203.0.113.7/32'), metric: 32, protocol: 12 }]
const { mac } = offer(100)

/** One for each code: who adds a code says here what it takes. */
const SITUATIONS: Partial<Record<RefusalCode, RefusedSituation>> = {
  template: { guest: guest({}, { template: true }), by: BOTH, where: { file: FILE } },
  'no-bridge': { guest: guest({ bridge: null }), by: BOTH, where: LINE },
  'no-mac': { guest: guest({ mac: null }), by: BOTH, where: LINE },
  'address-unusable': { guest: guest({ ip: '224.0.0.5/24' }), by: ['dhcp', 'announcing'], where: LINE },
  'dhcp-disabled': { policy: 'dhcp: { enabled: false }\n', by: ['dhcp'], where: inPolicy(1) },
  'excluded-by-policy': {
    policy: 'dhcp:\n  exclude:\n    - bridge: vmbr0\n',
    by: ['dhcp'],
    where: inPolicy(3),
  },
  'notes-off': { notes: { dhcp: false, announce: false }, by: BOTH, where: { file: FILE, line: 9 } },
  'not-in-networks': { guest: guest({ bridge: 'vmbr1' }), by: ['announcing'], where: inPolicy(3) },
  'prefix-outside': { guest: guest({ ip: '198.51.100.7/24' }), by: ['announcing'], where: inPolicy(5) },
  'sdn-has-dhcp': { reading: { vnetsWithDhcp: new Set(['vmbr0']) }, by: ['dhcp'], where: LINE },
  'bridge-missing': { links: ['tap100i0'], by: ['announcing'] },
  'device-missing': { guest: guest({ tag: 5 }), by: ['announcing'] },
  'port-missing': { links: ['vmbr0'], by: ['announcing'] },
  'port-down': { links: ['vmbr0', { name: 'tap100i0', up: false }], by: ['announcing'] },
  'link-down': {
    guest: guest({ linkDown: true }),
    links: ['vmbr0', { name: 'tap100i0', up: false }],
    by: ['announcing'],
    where: LINE,
  },
  'bridge-mismatch': {
    links: ['vmbr0', { name: 'tap100i0', master: 'vmbr1' }],
    by: ['announcing'],
    where: LINE,
  },
  'locked-for-backup': { guest: guest({}, { lock: 'backup' }), by: ['announcing'], where: { file: FILE } },
  'held-by-another': {
    others: [vm(50, [{ ip: '203.0.113.10/24' }])],
    links: ['vmbr0', 'tap50i0', 'tap100i0'],
    by: BOTH,
    where: LINE,
  },
  'mac-held-by-another': {
    others: [vm(50, [{ ip: '203.0.113.9/24', mac }])],
    links: ['vmbr0', 'tap50i0', 'tap100i0'],
    by: BOTH,
    where: LINE,
  },
  'not-settled': {
    others: [vm(200, [{ ip: '203.0.113.10/24' }], { node: 'pve2' })],
    isOpen: true,
    by: BOTH,
    where: LINE,
  },
  'reserved-for-another': {
    others: [vm(200, [{ ip: '203.0.113.10/24' }])],
    reading: {
      sightings: { ...SEEN_NOTHING, lastSeen: vmid => (vmid === 200 ? SEEN_NOTHING.now - 9 : undefined) },
    },
    isOpen: true,
    by: BOTH,
    where: LINE,
  },
  'no-quorum': {
    others: [vm(200, [{ ip: '203.0.113.10/24' }], { node: 'pve2' })],
    reading: { quorate: false },
    isOpen: true,
    by: BOTH,
    where: LINE,
  },
  'announced-for-another': {
    others: [vm(50, [{ ip: '203.0.113.10/24', tag: 5 }])],
    links: ['vmbr0', 'vmbr0.5', 'tap50i0', 'tap100i0'],
    by: ['announcing'],
    where: LINE,
  },
}

function intentOf(situation: RefusedSituation) {
  const { others = [], notes, links = ['vmbr0', 'tap100i0'], reading = {}, announcing } = situation
  const { policy, placeOf } = policyFile(`${situation.policy ?? ''}${ANNOUNCE}`)
  const read = readingOf([situation.guest ?? guest(), ...others], {
    policy,
    policyPlace: placeOf,
    ...(notes && { notesOf: notesOf({ 100: notes }, { dhcp: 9, announce: 9 }) }),
    ...reading,
  })
  const seen = observation({ links: linksOf(...links), announcing: announceObservation(announcing) })
  return intend(read, situation.isOpen ? seen : onceSettled(read, seen))
}

describe.each(Object.entries(SITUATIONS))('an address is refused as %s', (code, situation) => {
  const { dhcp, announcing, problems } = intentOf(situation)
  const ofGuest = ({ vmid }: { vmid: number }) => vmid === 100
  const refusals = {
    dhcp: dhcp.refused.filter(ofGuest).map(({ refusal }) => refusal),
    announcing: announcing?.withheld.filter(ofGuest).map(({ refusal }) => refusal) ?? [],
  }

  test.each(situation.by)('by %s, with the line that caused it and what to do', by => {
    expect(refusals[by].map(refusal => [refusal.code, refusal.where])).toEqual([[code, situation.where]])
    expect(refusals[by][0]?.message).not.toMatch(/^[A-Z][a-z]|[.]$/)
    expect(refusals[by][0]?.remedy).toMatch(/^[A-Z].*[.]$/s)
  })

  test('by nobody else', () => {
    const others = (['dhcp', 'announcing'] as const).filter(by => !situation.by.includes(by))
    expect(others.flatMap(by => refusals[by].filter(refusal => refusal.code === code))).toEqual([])
  })

  test('and is told once at most, however many refuse it', () => {
    const own = problems.filter(problem => problem.vmid === 100).map(problem => JSON.stringify(problem))
    expect(new Set(own).size).toBeLessThanOrEqual(1)
  })
})

/** What concerns a node as a whole, or a guest that is none of its guests. */
const ELSEWHERE: Partial<Record<RefusalCode, () => Refusal | undefined>> = {
  drained: () => intentOf({ by: [], reading: { drained: 'left' } }).announcing?.refusal,
  'table-taken': () => {
    const routing = { ...announceObservation().routing, foreign: foreignBird }
    return intentOf({ by: [], announcing: { routing } }).announcing?.refusal
  },
  'too-many-servers': () => {
    const nics = [1, 2, 3].map(tag => ({ ip: '203.0.113.10/24', tag }))
    return intentOf({ by: [], guest: vm(100, nics) }).dhcp.refused[0]?.refusal
  },
}

test.each(Object.entries(ELSEWHERE))('what is not about one line is refused as %s', (code, refusal) => {
  expect(refusal()).toMatchObject({ code, remedy: expect.stringMatching(/^[A-Z].*[.]$/s) })
})

test('a guest of another node is refused as belongs-elsewhere, with the file that says so', () => {
  const file = 'nodes/pve2/qemu-server/100.conf'
  const guests = [guest({}, { node: 'pve2', file })]
  const { dhcp } = intend(readingOf(guests), observation())
  const told = report({
    settings: { node: 'pve1', name: 'guestnet' },
    policy: 'default',
    complete: true,
    intent: dhcp,
    observation: observation(),
    done: [],
    problems: [],
    time: 0,
  })
  const [step] = guests.flatMap(each => explain(each, told))[0]?.steps ?? []
  expect(step).toMatchObject({ step: 'configuration', state: 'waiting' })
  expect(step?.detail).toBe(`the guest belongs to node pve2 (${file})`)
})

test('there is no code that nothing is refused as', () => {
  const produced = [...Object.keys(SITUATIONS), ...Object.keys(ELSEWHERE), 'belongs-elsewhere']
  expect(REFUSAL_CODES.filter(code => !produced.includes(code))).toEqual([])
})
