import { describe, expect, test } from 'vitest'
import { ipv4, linksOf, observation, offer, portOf, slot, slotLink, table } from '../../../test/builders.ts'
import type { Change } from '../change.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { Offer } from '../dhcp/offer.ts'
import { ruleLabel } from '../dhcp/service.ts'
import { type ReportInput, report, slotsOf, withLeases, withServers } from './report.ts'

const OFFER = offer(100)
const INTENT: ReportInput['intent'] = {
  servers: new Map([['dhcp4-1', [OFFER]]]),
  ports: [],
  offers: [OFFER],
  addressed: [],
  refused: [],
  problems: [],
}
const CHAIN = [{ label: ruleLabel({ kind: 'dhcp', server: 'dhcp4-1', offer: OFFER }), packets: 7 }]
const SERVE: Change = {
  kind: 'port-serve',
  port: portOf(OFFER),
  stale: { chain: false, elements: [] },
}
const START: Change = { kind: 'server-start', server: 'dhcp4-1', slot: 2, config: '', offers: [OFFER] }
const PREPARE: Change = { ...START, kind: 'server-prepare' }

function reportOf(given: Partial<ReportInput> = {}) {
  return report({
    settings: { node: 'pve1', name: 'guestnet' },
    policy: 'default',
    complete: true,
    intent: INTENT,
    observation: observation({ links: linksOf(OFFER.link) }),
    done: [],
    problems: [],
    time: 1_700_000_000_000,
    ...given,
  })
}

describe('a NIC is', () => {
  const running = observation({ links: linksOf(OFFER.link) })
  const chains = new Map([[OFFER.link, CHAIN]])
  const served = { ...running, ports: table({ chains }) }
  const servedBy = (offers: readonly Offer[]) => ({
    ...running,
    slots: [slot(1, { offers })],
    ports: table({ chains, switches: new Map([['dhcp4-1', slotLink(1)]]) }),
  })

  test.each<[string, Partial<ReportInput>]>([
    ['stopped', { observation: observation() }],
    ['pending', { observation: running }],
    ['pending', { observation: running, done: [{ change: SERVE, failure: 'the link vanished' }] }],
    ['pending', { observation: served, done: [{ change: SERVE, failure: 'the link vanished' }] }],
    ['served', { observation: running, done: [{ change: SERVE }] }],
    ['served', { observation: served }],
    ['served', { observation: servedBy([OFFER]) }],
    // Its address was edited, and the Kea that has it is not up yet.
    ['pending', { observation: servedBy([offer(100, { address: '192.0.2.77/24' })]) }],
    ['served', { observation: servedBy([]), done: [{ change: START }] }],
    // Whoever its requests go to does not answer.
    [
      'pending',
      { observation: { ...servedBy([OFFER]), slots: [slot(1, { offers: [OFFER], state: 'dead' })] } },
    ],
  ])('%s', (state, given) => expect(reportOf(given).nics).toMatchObject([{ vmid: 100, nic: 0, state }]))

  test('told with its server and the requests it made', () => {
    expect(reportOf({ observation: served }).nics).toMatchObject([
      { server: 'dhcp4-1', requests: 7, offer: OFFER },
    ])
  })
})

test('NICs that get nothing stand among the others, with the reason', () => {
  const refusal = { code: 'no-mac', message: 'the NIC has no MAC address', remedy: 'Set one.' } as const
  const excluded = { ...refusal, code: 'excluded-by-policy' } as const
  const named = { type: 'qemu', family: 'ipv4' } as const
  const refused = [
    { ...named, vmid: 100, nic: 1, refusal: excluded },
    { ...named, vmid: 99, nic: 0, refusal },
  ]
  expect(reportOf({ intent: { ...INTENT, refused } }).nics).toMatchObject([
    { vmid: 99, nic: 0, state: 'refused', refusal },
    { vmid: 100, nic: 0, state: 'pending' },
    { vmid: 100, nic: 1, state: 'left-alone', refusal: excluded },
  ])
})

describe('a server is told', () => {
  const slots = [slot(1, { pid: 77, offers: [OFFER] })]
  const retire: Change = { kind: 'server-retire', slot: 1, pid: 77, successor: 2 }
  const told = (done: ReportInput['done']) =>
    reportOf({ observation: observation({ slots }), done }).servers.map(server => server.slot)

  test('as it is', () => {
    const { servers } = reportOf({ observation: observation({ slots }) })
    expect(servers).toEqual([{ server: 'dhcp4-1', slot: 1, pid: 77, state: 'answering', offers: 1 }])
  })

  test('once it has started, and no longer once it is to end', () => {
    expect(told([{ change: START }, { change: retire }])).toEqual([2])
  })

  test('while it comes up in the background, in place of the one before', () => {
    const starting = { server: 'dhcp4-1', slot: 2, state: 'starting', offers: 1 }
    const dead = slot(1, { offers: [OFFER], state: 'dead' })
    const begun = reportOf({ observation: observation({ slots: [dead] }), done: [{ change: PREPARE }] })
    expect(begun.servers).toEqual([starting])
    expect(slotsOf(begun)).toEqual([])
    const coming = { ...slot(2), starting: { family: 'ipv4', server: 'dhcp4-1' } } as const
    expect(reportOf({ observation: observation({ slots: [dead, coming] }) }).servers).toEqual([starting])
    expect(withServers(begun, new Map([[2, { state: 'dead' }]])).servers).toEqual([starting])
  })

  test('as it is while another one is made ready', () => {
    const { servers } = reportOf({ observation: observation({ slots }), done: [{ change: PREPARE }] })
    expect(servers).toEqual([{ server: 'dhcp4-1', slot: 1, pid: 77, state: 'answering', offers: 1 }])
  })

  test('and not while it ends, so that nobody misses it then', () => {
    const ending = observation({ slots: [...slots, slot(2, { pid: 78, offers: [OFFER], ending: true })] })
    expect(reportOf({ observation: ending }).servers.map(server => server.slot)).toEqual([1])
  })

  test('for as long as it goes on because its successor did not start', () => {
    const done = [START, retire].map(change => ({ change, failure: 'no memory' }))
    expect(told(done)).toEqual([1])
  })
})

test('the same problem is told once', () => {
  const problem = { code: 'mac-missing', message: 'no MAC', vmid: 100 } as const
  const problems = [problem, { ...problem }, { ...problem, vmid: 101 }]
  expect(reportOf({ problems }).problems).toEqual([problem, { ...problem, vmid: 101 }])
})

test('a lease stands with the NIC whose MAC address it was given to', () => {
  const lease: Lease = { address: ipv4('192.0.2.100'), mac: OFFER.mac, since: 10, expires: 20 }
  const stranger: Lease = { ...lease, mac: offer(101).mac }
  expect(withLeases(reportOf(), [lease]).nics).toMatchObject([{ lease }])
  expect(withLeases(reportOf(), [stranger]).nics[0]?.lease).toBeUndefined()
})
