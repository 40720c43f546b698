import { describe, expect, test } from 'vitest'
import { offer } from '../../test/builders.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { NicReport } from '../core/report/nicRow.ts'
import type { Report } from '../core/report/report.ts'
import { paintFor, plain, widthOf } from './paint.ts'
import { checkLine } from './statusCheck.ts'
import { describeStatus } from './statusText.ts'
import type { View } from './view.ts'

const NOW = 1_800_000_000_000

function nic(vmid: number, given: Partial<NicReport> = {}): NicReport {
  const offered = offer(vmid)
  const lease = { address: '192.0.2.7' as never, mac: offered.mac, since: 0, expires: NOW / 1000 + 3600 }
  return {
    vmid,
    type: 'qemu',
    nic: 0,
    name: `guest-with-a-rather-long-name-${vmid}`,
    family: 'ipv4',
    state: 'served',
    offer: offered,
    lease,
    ...given,
  }
}

function report(given: Partial<Report> = {}): Report {
  return {
    version: 1,
    node: 'pve1',
    name: 'guestnet',
    time: NOW,
    complete: true,
    policy: 'default',
    nics: [nic(100)],
    servers: [{ server: 'dhcp4-1', slot: 1, pid: 77, state: 'answering', offers: 1 }],
    problems: [],
    ...given,
  }
}

const PEER: Problem = {
  code: 'peer-down',
  message: 'The BGP session with rtr01 is not up: nothing listens: 198.51.100.1 refuses the connection.',
  remedy: 'Start BGP on the peer and let it accept this node; check `address` and `port` in the policy.',
  since: NOW - 12 * 60_000,
}
const UNKNOWN: Problem = {
  code: 'bridge-unknown',
  message: 'The policy names vmbr00.',
  file: 'a.yaml',
  line: 3,
}
const missing = (vmid: number): Problem => ({
  code: 'mac-missing',
  message: `VM ${vmid} net0: the NIC has no MAC address.`,
  remedy: 'Set one.',
  vmid,
})

const text = (given: Partial<Report>, view: Partial<View> = {}) =>
  describeStatus(report(given), 'running', { width: 80, paint: plain, now: NOW, what: 'summary', ...view })
const linesOf = (...args: Parameters<typeof text>) => text(...args).split('\n')

test('of whom the guard does not know the addresses is told, of which family, and why', () => {
  const port = { type: 'qemu', nic: 0, state: 'guarded', drops: [] } as const
  const [own, open] = [{ ipv4: 'own', ipv6: 'own' } as const, { ipv4: 'own', ipv6: 'open' } as const]
  const told = text({
    nics: [],
    guard: {
      mode: 'on',
      ports: [
        { ...port, vmid: 100, link: 'tap100i0', ...own },
        { ...port, vmid: 101, link: 'tap101i0', ...open, because: 'ip6=auto' },
      ],
    },
  })
  expect(told).toMatch(/NIC +NOT KNOWN +BECAUSE/)
  expect(told).toMatch(/VM 101 net0 +IPv6 +ip6=auto/)
  expect(told).not.toContain('VM 100 net0')
})

describe('the verdict comes first', () => {
  test('where all is well', () => expect(linesOf({})[0]).toBe('node pve1: all is well'))

  test('with the worst of what is wrong', () => {
    const lines = linesOf({ problems: [UNKNOWN, PEER] })
    expect(lines[0]).toBe('node pve1: 2 problems, the worst is peer-down')
    expect(lines.indexOf('peer-down')).toBeLessThan(lines.indexOf('bridge-unknown'))
  })
})

test('a problem says what, where, for how long, and what to do', () => {
  expect(text({ problems: [UNKNOWN, PEER] })).toContain(`peer-down
  The BGP session with rtr01 is not up: nothing listens: 198.51.100.1 refuses
  the connection. (for 12 minutes)
  → Start BGP on the peer and let it accept this node; check \`address\` and
    \`port\` in the policy.

bridge-unknown
  a.yaml:3: The policy names vmbr00.
`)
})

test('problems of one kind stand together, a few of them, with one remedy', () => {
  const problems = [100, 101, 102, 103, 104].map(missing)
  expect(text({ problems }, { what: 'problems' }).match(/Set one/g)).toHaveLength(1)
  expect(text({ problems }, { what: 'problems' })).toContain('VM 104')
  expect(text({ problems })).toContain('mac-missing: 5\n  VM 100')
  expect(text({ problems })).toContain('and 2 more of this kind: guestnet status --problems')
})

describe.each([60, 80, 132])('at %i columns', width => {
  test('no line is wider', () => {
    const nics = [
      nic(100),
      nic(101, { state: 'refused', refusal: { code: 'no-mac', message: 'x'.repeat(200), remedy: '' } }),
    ]
    const wide = linesOf({ nics, problems: [PEER, UNKNOWN] }, { width }).filter(line => line.length > width)
    expect(wide).toEqual([])
  })
})

describe('with 300 guests', () => {
  const { offer: _, ...refused } = nic(7, { state: 'refused' })
  const nics = [...Array.from({ length: 299 }, (__, index) => nic(100 + index)), refused]

  test('a screen is enough, and shows who is not well', () => {
    const lines = linesOf({ nics, problems: Array.from({ length: 200 }, (__, index) => missing(index)) })
    expect(lines.length).toBeLessThanOrEqual(24)
    expect(lines.join('\n')).toContain('299 served, 1 refused (guestnet status --all)')
    expect(lines.filter(line => line.includes('REFUSED'))).toHaveLength(1)
  })

  test('all are shown to who asks', () => {
    expect(linesOf({ nics }, { what: 'all' }).filter(line => line.startsWith('VM '))).toHaveLength(300)
  })
})

test('one guest is shown with its own problems and those of all', () => {
  const shown = text(
    { nics: [nic(100), nic(101)], problems: [missing(100), missing(101), PEER] },
    { what: { vmid: 100 } },
  )
  expect(shown).toContain('VM 100 net0')
  expect(shown).toContain('peer-down')
  expect(shown).not.toContain('VM 101')
})

test('a deliberate exclusion is not called a refusal', () => {
  const { offer: _, ...rest } = nic(100)
  const refusal = {
    code: 'excluded-by-policy',
    message: 'the policy leaves vmbr0 alone',
    remedy: '',
  } as const
  const shown = text({ nics: [{ ...rest, state: 'left-alone', refusal }] })
  expect(shown).toContain('left alone, the policy leaves vmbr0 alone')
  expect(shown).not.toMatch(/refused/i)
})

describe('monitoring is told', () => {
  test.each<[Problem[], number, string]>([
    [[], 0, 'GUESTNET OK - all is well | problems=0 critical=0 served=1 '],
    [
      [UNKNOWN],
      1,
      'GUESTNET WARNING - 1 problem: The policy names vmbr00. [bridge-unknown] | problems=1 critical=0',
    ],
    [[UNKNOWN, PEER], 2, 'GUESTNET CRITICAL - 2 problems: The BGP session with rtr01'],
  ])('%j on one line, with exit status %i', (problems, exitCode, line) => {
    const told = checkLine(report({ problems }))
    expect(told.exitCode).toBe(exitCode)
    expect(told.line).toContain(line)
    expect(told.line.split('\n')).toHaveLength(1)
    expect(told.line.split('|')).toHaveLength(2)
  })
})

describe('a terminal', () => {
  test('is as wide as it says, else 80 columns', () => {
    expect([widthOf({ columns: 132 }), widthOf({}), widthOf({ columns: 0 })]).toEqual([132, 80, 80])
  })

  test.each<[string, { isTTY: boolean; hasColors?: () => boolean }, boolean]>([
    ['no colours in a pipe', { isTTY: false }, false],
    ['none where it has none, or NO_COLOR is set', { isTTY: true, hasColors: () => false }, false],
    ['colours else', { isTTY: true, hasColors: () => true }, true],
  ])('gets %s', (_, stream, isColoured) => {
    expect(paintFor(stream as never)('bad', 'x') !== 'x').toBe(isColoured)
  })
})

test.each([
  [
    { state: 'answering', pid: 78 },
    'RA        1 guest port told of IPv6 by router advertisements; the advertiser answers, process 78',
  ],
  [
    { state: 'absent' },
    'RA        1 guest port told of IPv6 by router advertisements; the advertiser DOES NOT RUN',
  ],
] as const)('who tells guests of their routers is told: %o', (advertiser, line) => {
  const told = { vmid: 100, type: 'qemu', nic: 0, link: 'tap100i0', solicitations: 0, others: 0 } as const
  const text = describeStatus(report({ advertising: { advertiser, nics: [told] } }), 'running', {
    width: 120,
    paint: plain,
    now: NOW,
    what: 'all',
  })
  expect(text.split('\n')).toContain(line)
})
