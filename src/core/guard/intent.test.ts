import { describe, expect, test } from 'vitest'
import {
  cidr,
  ct,
  type GivenNic,
  linksOf,
  observation,
  policyOf,
  readingOf,
  vm,
} from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import { intend } from '../intent.ts'
import type { Reading } from '../reading.ts'
import { type Entry, NOWHERE, networkIdOf } from './entry.ts'
import { type GuardObservation, NO_GUARD, type ObservedPort } from './observation.ts'

const ON = policyOf('guard: {mode: on}')
const LL = 'fe80::5054:ff:fe00:6400'

interface Given {
  readonly policy?: Reading['policy']
  readonly more?: readonly Guest[]
  /** Links of other guests. */
  readonly rivals?: readonly string[]
  readonly guard?: GuardObservation
  readonly reading?: Partial<Reading>
}

/** What is intended for VM 100, which runs here. */
function guardOf(nic: GivenNic, { policy = ON, more = [], guard, rivals = [], reading = {} }: Given = {}) {
  const seen = observation({
    links: linksOf('vmbr0', { name: 'tap100i0', ifindex: 7 }, ...rivals),
    ...(guard && { guard }),
  })
  return intend(readingOf([vm(100, [nic]), ...more], { policy, ...reading }), seen).guard
}

function entriesOf(nic: GivenNic, given: Given = {}): string[] {
  return [...(guardOf(nic, given).ports[0]?.entries ?? [])].toSorted()
}

describe('what may leave a port', () => {
  test('is its MAC, its addresses, and the link-local one of its MAC', () => {
    expect(entriesOf({ ip: '192.0.2.5/24', ip6: '2001:db8::5/64' })).toEqual([
      'ipv4 192.0.2.5',
      `ipv6 2001:db8::5`,
      `ipv6 ${LL}`,
      'mac 52:54:00:00:64:00',
    ])
  })

  test('is more by the policy', () => {
    const extra = 'addresses: [203.0.113.50, 198.51.100.0/24], macs: ["00:00:5e:00:01:05"], router: true'
    const policy = policyOf(`guard: {mode: on, extra: {100: {${extra}}}}`)
    expect(entriesOf({ ip: '192.0.2.5/24' }, { policy })).toEqual([
      'extra-ipv4 203.0.113.50',
      'ipv4 192.0.2.5',
      `ipv6 fe80::200:5eff:fe00:105`,
      `ipv6 ${LL}`,
      'mac 00:00:5e:00:01:05',
      'mac 52:54:00:00:64:00',
      'prefix4 198.51.100.0/24',
      'router',
    ])
  })

  test('is a network behind it, where the Notes are trusted', () => {
    const policy = policyOf(
      'guard: {mode: on}\nannounce: {table: 100, notes: trusted, networks: [{bridge: vmbr0, prefixes: [198.51.100.0/22]}]}',
    )
    const notesOf = () => ({
      dhcp: true,
      announce: true,
      routes: ['198.51.101.0/24', '203.0.113.0/24'],
      communities: [],
      lines: {},
    })
    const entries = entriesOf({ ip: '192.0.2.5/24' }, { policy, reading: { notesOf } as never })
    expect(entries.filter(entry => entry.startsWith('prefix'))).toEqual(['prefix4 198.51.101.0/24'])
  })

  test('is not what another guest holds', () => {
    const [more, rivals] = [[vm(99, [{ ip: '192.0.2.5/24' }])], ['tap99i0']]
    expect(entriesOf({ ip: '192.0.2.5/24' }, { more, rivals })).not.toContain('ipv4 192.0.2.5')
  })
})

describe('a family is open', () => {
  const network = networkIdOf({ bridge: 'vmbr0' })

  test.each<[string, GivenNic, string[]]>([
    ['both, of a NIC without any address', {}, [`open4 ${network}`, `open6 ${network}`]],
    ['that is given elsewhere', { ip: 'dhcp', ip6: '2001:db8::5/64' }, [`open4 ${network}`]],
    ['not if the other one has an address and nothing is written of this', { ip: '192.0.2.5/24' }, []],
  ])('%s', (_, nic, expected) => {
    expect(entriesOf(nic).filter(entry => entry.startsWith('open'))).toEqual(expected)
  })

  test('but for what somebody has in that network', () => {
    const more = [
      vm(200, [{ ip: '192.0.2.9/24', gw: '192.0.2.1' }], { node: 'pve2' }),
      vm(201, [{ ip: '192.0.2.8/24', bridge: 'vmbr1' }], { node: 'pve2' }),
    ]
    const { networks } = guardOf({}, { more })
    expect([...(networks.get(network) ?? [])]).toEqual(['192.0.2.9', '192.0.2.1'])
  })

  test('and that is told, with the reason', () => {
    expect(guardOf({}).nics).toEqual([
      {
        type: 'qemu',
        vmid: 100,
        nic: 0,
        link: 'tap100i0',
        strictness: { ipv4: 'open', ipv6: 'open' },
        because: 'ipconfig0 has no address',
      },
    ])
  })
})

test('a NIC without a MAC may have any, and no router of its own', () => {
  expect(entriesOf({ mac: null, ip: '192.0.2.5/24' })).toEqual(['any-mac', 'ipv4 192.0.2.5'])
})

test('of a trunk each VLAN counts; those in which somebody has an address are looked at', () => {
  const trunks = [{ from: 4, to: 7 }]
  const more = [vm(200, [{ ip: '192.0.2.9/24', tag: 5 }], { node: 'pve2' })]
  const tags = entriesOf({ trunks }, { more }).filter(entry => entry.startsWith('tags'))
  expect(tags).toEqual([
    `tags 4 ${NOWHERE}`,
    `tags 5 ${networkIdOf({ bridge: 'vmbr0', tag: 5 })}`,
    `tags 6-7 ${NOWHERE}`,
  ])
})

test('link-local addresses that come of anybody’s MAC, or are a gateway, are kept for who has them', () => {
  const { linkLocals } = guardOf({}, { more: [ct(200, [{}], { node: 'pve2' })] })
  expect([...linkLocals]).toEqual([LL, 'fe80::5054:ff:fe00:c800'])
})

describe('an edited address', () => {
  const label = 'VM 100 net0 ifindex 7'
  const before: ObservedPort = {
    label,
    hasChain: true,
    quick: [],
    entries: new Set(['ipv4 192.0.2.4'] as readonly string[] as readonly Entry[]),
  }
  const there = (leases: GuardObservation['leases'], port = before): GuardObservation => ({
    table: { ...NO_GUARD, exists: true, intact: true, mode: 'on', ports: new Map([['tap100i0', port]]) },
    ...(leases && { leases }),
  })
  const mac = '52:54:00:00:64:00' as never
  const lease = { address: '192.0.2.5' as never, mac, since: 0, expires: 9 }
  const nic = { ip: '192.0.2.5/24' }

  test('passes beside the new one', () => {
    expect(entriesOf(nic, { guard: there([]) })).toEqual(
      expect.arrayContaining(['ipv4 192.0.2.4', 'ipv4 192.0.2.5']),
    )
  })

  test('also while nobody knows what is leased', () => {
    expect(entriesOf(nic, { guard: there(undefined) })).toContain('ipv4 192.0.2.4')
  })

  test.each<[string, Given]>([
    ['once the guest has leased the new one', { guard: there([lease]) }],
    ['once its port is another one', { guard: there([], { ...before, label: 'VM 100 net0 ifindex 9' }) }],
    ['as soon as somebody else wants it', { guard: there([]), more: [vm(101, [{ ip: '192.0.2.4/24' }])] }],
  ])('no longer %s', (_, given) => {
    expect(entriesOf(nic, given)).not.toContain('ipv4 192.0.2.4')
  })
})

describe('what it had when it was started, as its file tells', () => {
  const moved = { ip: '192.0.2.5/24', atStart: { ip: cidr('192.0.2.4/24') } }

  test('passes where its port is new, as after a migration', () => {
    expect(entriesOf(moved)).toEqual(expect.arrayContaining(['ipv4 192.0.2.4', 'ipv4 192.0.2.5']))
  })

  test('not where somebody else wants it', () => {
    expect(entriesOf(moved, { more: [vm(101, [{ ip: '192.0.2.4/24' }])] })).not.toContain('ipv4 192.0.2.4')
  })

  test('is nobody’s who is open', () => {
    const { networks } = guardOf({}, { more: [vm(101, [moved])] })
    expect([...(networks.get(networkIdOf({ bridge: 'vmbr0' })) ?? [])]).toEqual(['192.0.2.5', '192.0.2.4'])
  })
})

test('what the policy lets one guest use besides, no other one does', () => {
  const policy = policyOf(
    'guard: {mode: on, extra: {101: {addresses: [203.0.113.50], macs: ["00:00:5e:00:01:05"]}}}',
  )
  const { networks, linkLocals } = guardOf({}, { policy, more: [vm(101, [{}])] })
  expect([...(networks.get(networkIdOf({ bridge: 'vmbr0' })) ?? [])]).toEqual(['203.0.113.50'])
  expect([...linkLocals]).toContain('fe80::200:5eff:fe00:105')
})

test('a port whose guest cannot be read keeps what it has', () => {
  const entries = new Set(['ipv4 192.0.2.4', 'mac 52:54:00:00:64:00'] as never[])
  const port = { label: 'VM 100 net0 ifindex 7', hasChain: true, quick: [], entries }
  const guard = { table: { ...NO_GUARD, exists: true, intact: true, ports: new Map([['tap100i0', port]]) } }
  const seen = observation({ links: linksOf('tap100i0', 'vmbr0'), guard })
  const { ports } = intend(readingOf([], { policy: ON }), seen).guard
  expect(ports).toEqual([{ link: 'tap100i0', label: port.label, entries }])
})

test.each([
  ['off', 'guard: {mode: off}'],
  ['excluded', 'guard: {mode: on, exclude: [{bridge: vmbr0}]}'],
])('a network that is %s is left alone', (_, text) => {
  expect(guardOf({ ip: '192.0.2.5/24' }, { policy: policyOf(text) }).ports).toEqual([])
})
