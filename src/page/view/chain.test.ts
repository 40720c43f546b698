import { describe, expect, test } from 'vitest'
import { cidr6, offer6, vm } from '../../../test/builders.ts'
import { seenOf, servedRow } from '../../../test/seen.ts'
import type { AnnouncingReport } from '../../core/report/announcing.ts'
import type { NicReport } from '../../core/report/nicRow.ts'
import type { Report } from '../../core/report/report.ts'
import type { Prefix } from '../../core/values/address.ts'
import { type Chain, guestStateOf } from './chain.ts'
import { chainTitle, describeChain } from './chainText.ts'
import { guestRows } from './guestRows.ts'

const VM = vm(100, [{ ip: '192.0.2.100/24' }])

const ANNOUNCING: AnnouncingReport = {
  table: 100,
  announcements: [
    {
      prefix: '192.0.2.100/32' as Prefix,
      vmid: 100,
      device: 'vmbr0',
      route: true,
      neighbour: true,
      told: true,
      exportedTo: [],
    },
  ],
  rules: true,
  standby: [],
  notForwarded: [],
  bird: { state: 'running', pid: 9 },
  peers: [],
  drained: 'no',
  withheld: [],
}

function chains(row: NicReport | undefined, given: Partial<Report> = {}): Chain[] {
  const [guest] = guestRows(seenOf([VM], { nics: row ? [row] : [], ...given }))
  return guest?.nics.flatMap(nic => nic.chains) ?? []
}

const BLACK_HOLE: AnnouncingReport = {
  ...ANNOUNCING,
  announcements: ANNOUNCING.announcements.map(one => ({ ...one, blackhole: 60_000, exportedTo: ['rtr01'] })),
}

const marks = ({ links }: Chain) => links.map(({ step, mark }) => `${step} ${mark}`)

describe('a chain', () => {
  test('is good to its end where the guest has what it should', () => {
    const [dhcp, ...others] = chains(servedRow(100))
    expect(dhcp && marks(dhcp)).toEqual([
      'configuration good',
      'offer good',
      'port good',
      'server good',
      'lease good',
    ])
    expect(dhcp?.end).toBeUndefined()
    expect(others).toEqual([])
  })

  test('breaks where explain says, with its sentence, and goes on as what is not reached', () => {
    const [dhcp] = chains(servedRow(100), { servers: [] })
    expect(dhcp && marks(dhcp)).toEqual([
      'configuration good',
      'offer good',
      'port good',
      'server broken',
      'lease beyond',
    ])
    expect(dhcp?.end).toMatchObject({ step: 'server', detail: 'no Kea runs for dhcp4-1' })
  })

  test('of an announcement leads to the peers, or to the kernel where BGP is somebody else’s', () => {
    const [, own] = chains(servedRow(100), { announcing: ANNOUNCING })
    expect(own && marks(own)).toEqual(['announcement good', 'kernel good', 'bird good', 'peers broken'])
    const { bird: _, ...external } = ANNOUNCING
    const [, theirs] = chains(servedRow(100), { announcing: external })
    expect(theirs && marks(theirs)).toEqual(['announcement good', 'kernel good'])
  })

  test('of a black hole waits for its end', () => {
    const [, bgp] = chains(servedRow(100), { announcing: BLACK_HOLE })
    expect(bgp && marks(bgp)).toEqual([
      'announcement waiting',
      'kernel beyond',
      'bird beyond',
      'peers beyond',
    ])
    expect(bgp?.end?.detail).toContain('asked to drop')
  })

  test('says in words what it looks like', () => {
    const said = chains(servedRow(100), { announcing: ANNOUNCING }).map(describeChain)
    expect(said).toEqual(['DHCP: done', 'BGP 192.0.2.100/32: broken at peers'])
    const [dhcp] = chains(servedRow(100))
    expect(dhcp && chainTitle(dhcp)).toBe('DHCP')
  })
})

describe('a guest is', () => {
  const refusal = { code: 'held-by-another', message: 'VM 9 holds it', remedy: 'Change it.' } as const
  const { offer: _, lease: __, requests: ___, server: ____, ...bare } = servedRow(100)
  const { lease: _____, ...unleased } = servedRow(100)
  test.each<[string, NicReport | undefined, Partial<Report>]>([
    ['good', servedRow(100), {}],
    ['waiting', unleased, {}],
    ['stopped', { ...unleased, state: 'stopped' }, {}],
    ['broken', { ...bare, state: 'refused', refusal }, {}],
    ['broken', servedRow(100), { servers: [] }],
    ['broken', servedRow(100), { announcing: ANNOUNCING }],
    ['waiting', servedRow(100), { announcing: BLACK_HOLE }],
    ['left-alone', { ...bare, state: 'left-alone', refusal: { ...refusal, code: 'notes-off' } }, {}],
  ])('%s', (state, row, given) => {
    expect(guestStateOf(chains(row, given))).toBe(state)
  })

  test('good if it has taken one address by DHCP and has the other by cloud-init', () => {
    const both = vm(100, [{ ip: '192.0.2.100/24', ip6: '2001:db8::64/64' }])
    const six: NicReport = {
      ...unleased,
      family: 'ipv6',
      offer: offer6(100, { address: cidr6('2001:db8::64/64') }),
    }
    const states = (nics: NicReport[]) => guestRows(seenOf([both], { nics })).map(({ state }) => state)
    expect(states([servedRow(100), six])).toEqual(['good'])
    expect(states([unleased, six])).toEqual(['waiting'])
  })

  test('left alone if nothing is configured for it', () => {
    const rows = guestRows(seenOf([vm(100, [{ ip: 'dhcp' }]), vm(101, [])]))
    expect(rows.map(({ state }) => state)).toEqual(['left-alone', 'left-alone'])
  })
})
