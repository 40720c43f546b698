import { describe, expect, test } from 'vitest'
import { ipv4, linksOf, observation, offer, slot, table } from '../../../test/builders.ts'
import { prefixOf } from '../../../test/routings.ts'
import { ruleLabel } from '../dhcp/service.ts'
import { REPORT_VERSION, type Report, report, withLeases } from './report.ts'
import { ReportSchema } from './schema.ts'

const OFFER = offer(100, { gateway: '192.0.2.1', domain: 'a.example', network: { bridge: 'vmbr0', tag: 5 } })
const REFUSAL = {
  code: 'held-by-another',
  message: 'VM 50 net0 on node pve2 holds 192.0.2.7 in the same network, vmbr0',
  remedy: 'Give one of them another address.',
  where: { file: 'qemu-server/101.conf', line: 3 },
} as const

/** One with everything in it. */
const FULL: Report = withLeases(
  report({
    settings: { node: 'pve1', name: 'guestnet' },
    policy: 'file',
    complete: true,
    intent: {
      servers: new Map([['dhcp4-1', [OFFER]]]),
      ports: [],
      offers: [OFFER],
      addressed: [],
      refused: [{ vmid: 101, type: 'lxc', nic: 0, family: 'ipv4', refusal: REFUSAL }],
      problems: [],
    },
    observation: observation({
      links: linksOf(OFFER.link),
      ports: table({
        chains: new Map([
          [OFFER.link, [{ label: ruleLabel({ kind: 'dhcp', server: 'dhcp4-1', offer: OFFER }), packets: 7 }]],
        ]),
      }),
      slots: [slot(1, { pid: 77, offers: [OFFER] }), slot(2, { unknown: true, state: 'dead' })],
    }),
    done: [],
    announcing: {
      table: 100,
      announcements: [
        {
          prefix: prefixOf('192.0.2.100/32'),
          vmid: 100,
          device: 'vmbr0',
          route: true,
          neighbour: true,
          told: true,
          exportedTo: ['rtr01'],
        },
      ],
      rules: true,
      standby: [],
      notForwarded: ['ipv6'],
      bird: { state: 'running', pid: 7 },
      peers: [{ peer: 'rtr01', protocol: 'rtr01', isUp: true, bgpState: 'Established', since: '2026-01-01' }],
      drained: 'left',
      withheld: [{ type: 'lxc', vmid: 101, nic: 0, address: ipv4('192.0.2.7'), refusal: REFUSAL }],
      refusal: { code: 'drained', message: 'this node is drained', remedy: 'Run guestnet undrain.' },
    },
    problems: [
      { code: 'mac-missing', message: 'VM 100 net0: no MAC.', file: '100.conf', line: 3, column: 7 },
    ],
    time: 1_700_000_000_000,
  }),
  [{ address: ipv4('192.0.2.100'), mac: OFFER.mac, since: 10, expires: 20 }],
)

/** As it comes out of a socket. */
const received = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const isUnderstood = (value: unknown) => ReportSchema.safeParse(received(value)).success

test('a report is understood by whoever asks, whole', () => {
  expect(ReportSchema.parse(received(FULL))).toEqual(FULL)
})

test('what a newer agent says besides is left out', () => {
  expect(ReportSchema.parse(received({ ...FULL, weather: 'fine' }))).toEqual(FULL)
})

describe('a report is of another version', () => {
  test.each<[string, object]>([
    ['if it says so', { version: REPORT_VERSION + 1 }],
    ['if it says none', { version: undefined }],
    ['if it has a problem that this one does not know', { problems: [{ code: 'new', message: '' }] }],
    ['if it has a NIC of no family', { nics: FULL.nics.map(({ family: _, ...nic }) => nic) }],
    ['if its servers are numbered', { servers: [{ server: 1, slot: 1, state: 'answering', offers: 0 }] }],
  ])('%s', (_, given) => expect(isUnderstood({ ...FULL, ...given })).toBe(false))

  test.each([undefined, null, 'no report', 7, []])('if it is none: %j', value =>
    expect(ReportSchema.safeParse(value).success).toBe(false),
  )
})
