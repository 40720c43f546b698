import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ct,
  type GivenNic,
  guestsInput,
  linksOf,
  macOf,
  notesOf,
  policyFile,
  vm,
  vmidOf,
} from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Link } from '../node/link.ts'
import { AnnouncePolicy } from '../policy/announce.ts'
import type { RefusalCode, Where } from '../problem/refusal.ts'
import type { Neighbour } from '../routing/routing.ts'
import type { Path } from '../text/yaml.ts'
import type { Address } from '../values/address.ts'
import type { Community } from '../values/community.ts'
import type { Announcement } from './announcement.ts'
import { byGuest } from './byGuest.ts'
import type { GuestsInput } from './context.ts'
import { announceGuests } from './guests.ts'

const POLICY = AnnouncePolicy.parse({
  table: 100,
  networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24', '2001:db8:a::/48'] }],
})

const NIC: GivenNic = { ip: '203.0.113.10/24', ip6: '2001:db8:a::10/64' }

/** Unix seconds. */
const NOW = 1_800_000_000

interface Given extends Partial<Omit<GuestsInput, 'guests' | 'links' | 'notesOf'>> {
  readonly links?: readonly (string | (Partial<Link> & { name: string }))[]
  readonly notes?: Readonly<Record<number, object>>
  /** In which lines the Notes say it. */
  readonly lines?: LocatedNotes['lines']
  readonly running?: ReadonlySet<number>
}

function announceOf(
  guests: readonly Guest[],
  { links = ['tap100i0', 'vmbr0'], notes = {}, lines = {}, ...given }: Given = {},
) {
  return announceGuests(
    guestsInput(guests, {
      policy: POLICY,
      notesOf: notesOf(notes, lines),
      links: linksOf(...links),
      now: NOW,
      ...given,
    }),
  )
}

function prefixesOf({ announcements }: ReturnType<typeof announceGuests>): string[] {
  return announcements.map(({ prefix }) => prefix)
}

const GUEST = vm(100, [NIC])
const MAC = GUEST.nics[0]?.mac ?? macOf('52:54:00:00:64:00')

function neighbour(address: string): Neighbour {
  return { address: address as Address, mac: MAC, device: 'vmbr0' }
}

describe('a guest is announced', () => {
  test('with both addresses, a route and a neighbour each, and four rules in all', () => {
    const intent = announceOf([GUEST])
    expect(prefixesOf(intent)).toEqual(['203.0.113.10/32', '2001:db8:a::10/128'])
    expect(intent.routing.routes).toEqual([
      { prefix: '203.0.113.10/32', device: 'vmbr0' },
      { prefix: '2001:db8:a::10/128', device: 'vmbr0' },
    ])
    expect(intent.routing.neighbours).toEqual([neighbour('203.0.113.10'), neighbour('2001:db8:a::10')])
    expect(intent.routing.rules).toEqual([
      { family: 'ipv4', table: 100 },
      { family: 'ipv4', table: 101, device: 'vmbr0' },
      { family: 'ipv6', table: 100 },
      { family: 'ipv6', table: 101, device: 'vmbr0' },
    ])
    expect(intent.problems).toEqual([])
  })

  test('with no more rules for a thousand guests than for one', () => {
    const guests = Array.from({ length: 200 }, (_, index) =>
      vm(200 + index, [{ ip: `203.0.113.${index + 1}/24` }]),
    )
    const links = ['vmbr0', ...guests.map(({ vmid }) => `tap${vmid}i0`)]
    const intent = announceOf(guests, { links })
    expect(intent.announcements).toHaveLength(200)
    expect(intent.routing.rules).toHaveLength(4)
  })

  test('as a container, whose port has another name', () => {
    expect(prefixesOf(announceOf([ct(100, [NIC])], { links: ['veth100i0', 'vmbr0'] }))).toHaveLength(2)
  })

  test('while it is being backed up, if it ran before', () => {
    const guest = vm(100, [NIC], { lock: 'backup' })
    expect(prefixesOf(announceOf([guest], { neighbours: [neighbour('203.0.113.10')] }))).toHaveLength(2)
  })

  test('while it is being migrated away, until its configuration moves', () => {
    expect(prefixesOf(announceOf([vm(100, [NIC], { lock: 'migrate' })]))).toHaveLength(2)
    expect(prefixesOf(announceOf([vm(100, [NIC], { node: 'pve2' })]))).toEqual([])
  })
})

describe('nothing is announced', () => {
  test.each([
    ['of a guest without a port', [GUEST], { links: ['vmbr0'], asNumbers: undefined }],
    ['of a template', [vm(100, [NIC], { template: true })], {}],
    ['of a guest whose configuration is elsewhere', [vm(100, [NIC], { node: 'pve2' })], {}],
    ['of a stopped guest that is being backed up', [vm(100, [NIC], { lock: 'backup' })], {}],
    ['of a guest whose Notes say so', [GUEST], { notes: { 100: { announce: false } } }],
    [
      'of a network that is not listed',
      [vm(100, [{ ...NIC, bridge: 'vmbr1' }])],
      { links: ['tap100i0', 'vmbr1'] },
    ],
    ['of a VLAN that is not listed', [vm(100, [{ ...NIC, tag: 5 }])], {}],
    ['outside the listed prefixes', [vm(100, [{ ip: '198.51.100.7/24' }])], {}],
    ['that is asked for by DHCP elsewhere', [vm(100, [{ ip: 'dhcp' }])], {}],
  ] as const)('%s', (_, guests, given) => {
    const intent = announceOf(guests, given)
    expect(prefixesOf(intent)).toEqual([])
    expect(intent.routing.neighbours).toEqual([])
  })

  test('over a link that is down, and it is told once, not for each address', () => {
    const intent = announceOf([GUEST], { links: ['tap100i0', { name: 'vmbr0', up: false }] })
    expect(prefixesOf(intent)).toEqual([])
    expect(intent.problems).toMatchObject([{ code: 'device-missing' }])
    expect(intent.problems).toHaveLength(1)
  })
})

describe('an address that is not announced is withheld with the reason and the line that caused it:', () => {
  const { policy, placeOf } = policyFile(`announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24]
    - bridge: vmbr0
      tag: 5
      prefixes:
        - 203.0.113.0/25
`)
  const guest = (nic: GivenNic = {}, given: Partial<Guest> = {}) => {
    const { vmid: _, type: __, nics: ___, ...rest } = given
    return vm(100, [{ ip: '203.0.113.10/24', ...nic }], rest)
  }
  const other = (nic: GivenNic = {}) => vm(50, [{ ip: '203.0.113.10/24', ...nic }])
  const UP = ['tap100i0', 'vmbr0']
  const BOTH = ['tap50i0', 'tap100i0', 'vmbr0', 'vmbr0.5']
  const IN_GUEST = { file: 'qemu-server/100.conf' }
  const IN_NIC = { ...IN_GUEST, line: 1 }
  const inPolicy = (line: number) => ({ file: 'guestnet.yaml', line })

  test.each<[string, RefusalCode, readonly Guest[], NonNullable<Given['links']>, Where | undefined]>([
    ['a template', 'template', [guest({}, { template: true })], UP, IN_GUEST],
    ['a NIC without MAC address', 'no-mac', [guest({ mac: null })], UP, IN_NIC],
    ['a NIC on no bridge', 'no-bridge', [guest({ bridge: null })], UP, IN_NIC],
    ['an unlisted bridge', 'not-in-networks', [guest({ bridge: 'vmbr1' })], UP, inPolicy(3)],
    ['an unlisted VLAN', 'not-in-networks', [guest({ tag: 6 })], UP, inPolicy(3)],
    ['an address that no host can have', 'address-unusable', [guest({ ip: '224.0.0.5/24' })], UP, IN_NIC],
    ['outside all prefixes', 'prefix-outside', [guest({ ip: '198.51.100.7/24' })], UP, inPolicy(5)],
    [
      'outside the prefixes of its own network',
      'prefix-outside',
      [guest({ ip: '203.0.113.200/24', tag: 5 })],
      UP,
      inPolicy(8),
    ],
    ['a guest that does not run', 'port-missing', [guest()], ['vmbr0'], undefined],
    ['a port that is down', 'port-down', [guest()], [{ name: 'tap100i0', up: false }, 'vmbr0'], undefined],
    [
      'a cable that was pulled',
      'link-down',
      [guest({ linkDown: true })],
      [{ name: 'tap100i0', up: false }, 'vmbr0'],
      IN_NIC,
    ],
    [
      'a paused QEMU that only makes a backup',
      'locked-for-backup',
      [guest({}, { lock: 'backup' })],
      UP,
      IN_GUEST,
    ],
    [
      'a port in another bridge than the configured one',
      'bridge-mismatch',
      [guest()],
      [{ name: 'tap100i0', master: 'vmbr1' }, 'vmbr0', 'vmbr1'],
      IN_NIC,
    ],
    [
      'the same, past the firewall bridge',
      'bridge-mismatch',
      [guest()],
      [{ name: 'tap100i0', master: 'fwbr100i0' }, { name: 'fwpr100p0', master: 'vmbr1' }, 'vmbr0'],
      IN_NIC,
    ],
    ['another guest’s address', 'held-by-another', [guest(), other()], BOTH, IN_NIC],
    [
      'another guest’s MAC address',
      'mac-held-by-another',
      [guest(), other({ ip: '203.0.113.9/24', mac: guest().nics[0]?.mac ?? null })],
      BOTH,
      IN_NIC,
    ],
    [
      'another network’s address, announced there',
      'announced-for-another',
      [guest(), other({ tag: 5 })],
      BOTH,
      IN_NIC,
    ],
    ['no bridge of that name here', 'bridge-missing', [guest()], ['tap100i0'], undefined],
    [
      'a device that is down',
      'device-missing',
      [guest()],
      ['tap100i0', { name: 'vmbr0', up: false }],
      undefined,
    ],
    ['a VLAN without a link', 'device-missing', [guest({ tag: 5 })], UP, undefined],
  ])('%s', (_, code, guests, links, where) => {
    const placed = {
      policy: policy.announce ?? POLICY,
      policyPlace: (path: Path) => placeOf(['announce', ...path]),
    }
    const { withheld, announcements, standby, routing } = announceOf(guests, { ...placed, links })
    const own = withheld.filter(({ vmid }) => vmid === 100)
    expect(own.map(({ type, nic, refusal }) => [type, nic, refusal.code, refusal.where])).toEqual([
      ['qemu', 0, code, where],
    ])
    expect(own[0]?.refusal.remedy).toMatch(/^[A-Z].*\.$/)
    expect(announcements.filter(({ vmid }) => vmid === 100)).toEqual([])
    expect(routing.neighbours).toHaveLength(announcements.length + standby.length)
  })

  test('Notes that say so', () => {
    const { withheld } = announceOf([GUEST], { notes: { 100: { announce: false } }, lines: { announce: 9 } })
    expect(withheld.map(({ address, refusal }) => [address, refusal.code, refusal.where])).toEqual([
      ['203.0.113.10', 'notes-off', { ...IN_GUEST, line: 9 }],
      ['2001:db8:a::10', 'notes-off', { ...IN_GUEST, line: 9 }],
    ])
  })

  test('what somebody meant so is no problem', () => {
    const intent = announceOf([vm(100, [{ ...NIC, bridge: 'vmbr1' }])])
    expect(intent.withheld).toHaveLength(2)
    expect(intent.problems).toEqual([])
  })
})

describe('a port is not taken for one in another bridge', () => {
  test.each<[string, GivenNic, NonNullable<Given['links']>]>([
    ['in the configured one', {}, [{ name: 'tap100i0', master: 'vmbr0' }, 'vmbr0']],
    [
      'behind its firewall bridge',
      {},
      [{ name: 'tap100i0', master: 'fwbr100i0' }, { name: 'fwpr100p0', master: 'vmbr0' }, 'vmbr0'],
    ],
    [
      'in Open vSwitch, of which links tell nothing',
      {},
      [{ name: 'tap100i0', master: 'ovs-system' }, 'vmbr0'],
    ],
    ['in its VLAN’s own bridge', { tag: 5 }, [{ name: 'tap100i0', master: 'vmbr0v5' }, 'vmbr0', 'vmbr0v5']],
  ])('%s', (_, nic, links) => {
    const policy = AnnouncePolicy.parse({
      table: 100,
      networks: [{}, { tag: 5 }].map(tag => ({ bridge: 'vmbr0', ...tag, prefixes: ['203.0.113.0/24'] })),
    })
    const intent = announceOf([vm(100, [{ ip: '203.0.113.10/24', ...nic }])], { policy, links })
    expect(prefixesOf(intent)).toEqual(['203.0.113.10/32'])
  })
})

describe('of two guests with one address', () => {
  const other = vm(101, [{ ip: '203.0.113.10/24' }])
  const links = ['tap100i0', 'tap101i0', 'vmbr0']

  test('the one that has it already is announced', () => {
    const mac = other.nics[0]?.mac ?? MAC
    const had: Neighbour = { address: '203.0.113.10' as Address, mac, device: 'vmbr0' }
    const intent = announceOf([GUEST, other], { links, neighbours: [had] })
    expect(intent.announcements.filter(({ prefix }) => prefix === '203.0.113.10/32')).toMatchObject([
      { vmid: 101 },
    ])
    expect(intent.problems).toMatchObject([{ code: 'address-duplicate', vmid: 100 }])
  })

  test('one that runs elsewhere does not take it from one that has it here', () => {
    const elsewhere = vm(50, [{ ip: '203.0.113.10/24' }], { node: 'pve2' })
    const neighbours = [neighbour('203.0.113.10')]
    const intent = announceOf([GUEST, elsewhere], { running: new Set([50]), neighbours })
    expect(prefixesOf(intent)).toContain('203.0.113.10/32')
  })
})

describe('a former address of a guest that goes on running', () => {
  const edited = vm(100, [{ ip: '203.0.113.20/24' }])
  const neighbours = [neighbour('203.0.113.10')]
  const lease = { mac: MAC, since: 1, expires: 2 }

  test('stays beside the new one until the guest has taken that', () => {
    expect(prefixesOf(announceOf([edited], { neighbours }))).toEqual(['203.0.113.20/32', '203.0.113.10/32'])
    const leases = [{ ...lease, address: '203.0.113.20' as never }]
    expect(prefixesOf(announceOf([edited], { neighbours, leases }))).toEqual(['203.0.113.20/32'])
  })

  test('goes when its port is another one', () => {
    expect(prefixesOf(announceOf([edited], { neighbours, isSamePort: () => false }))).toEqual([
      '203.0.113.20/32',
    ])
  })

  test('goes when another guest wants it', () => {
    const other = vm(300, [{ ip: '203.0.113.10/24' }], { node: 'pve2' })
    expect(prefixesOf(announceOf([edited, other], { neighbours }))).toEqual(['203.0.113.20/32'])
  })
})

describe('prefixes behind a guest', () => {
  const routes = { routes: ['203.0.113.64/28'] }
  const trusting = { ...POLICY, notes: 'trusted' } as const

  test('are announced, by way of the guest, where Notes are trusted', () => {
    const intent = announceOf([GUEST], { notes: { 100: routes }, policy: trusting })
    expect(prefixesOf(intent)).toContain('203.0.113.64/28')
    expect(intent.routing.routes).toContainEqual({
      prefix: '203.0.113.64/28',
      device: 'vmbr0',
      via: '203.0.113.10',
    })
  })

  test('are ignored where Notes are not trusted', () => {
    expect(prefixesOf(announceOf([GUEST], { notes: { 100: routes } }))).not.toContain('203.0.113.64/28')
  })

  test.each([
    ['hold another guest’s address', { routes: ['203.0.113.64/28'] }, [vm(200, [{ ip: '203.0.113.70/24' }])]],
    ['lie outside the policy', { routes: ['198.51.100.0/24'] }, []],
  ])('are refused, and it is told, if they %s', (_, notes, others) => {
    const intent = announceOf([GUEST, ...others], { notes: { 100: notes }, policy: trusting })
    expect(intent.announcements).toHaveLength(2)
    expect(intent.problems).toMatchObject([{ code: 'route-refused', vmid: 100 }])
  })

  test('belong to one guest only', () => {
    const other = vm(101, [{ ip: '203.0.113.11/24' }])
    const intent = announceOf([GUEST, other], {
      links: ['tap100i0', 'tap101i0', 'vmbr0'],
      notes: { 100: routes, 101: { routes: ['203.0.113.72/29'] } },
      policy: trusting,
    })
    expect(intent.problems).toMatchObject([{ code: 'route-refused', vmid: 101 }])
  })
})

describe('a prefix that another guest wishes for as well', () => {
  const trusting = { ...POLICY, notes: 'trusted' } as const
  const notes = { 100: { routes: ['203.0.113.64/28'] }, 50: { routes: ['203.0.113.64/28'] } }

  test.each([
    ['lives on another node', {}, 'pve2'],
    ['has no port here', { running: new Set([100]) }, 'pve1'],
  ])('is not kept from this one while that %s', (_, given, node) => {
    const rival = vm(50, [{ ip: '203.0.113.50/24' }], { node })
    const intent = announceOf([rival, GUEST], { notes, policy: trusting, ...given })
    expect(intent.problems).toEqual([])
    expect(intent.announcements.filter(({ prefix }) => prefix === '203.0.113.64/28')).toMatchObject([
      { vmid: 100 },
    ])
  })
})

describe('the gateway', () => {
  const gateway = { ipv4: '172.31.1.1', ipv6: 'fe80::1', mac: 'da:f0:f1:08:55:c4' }
  const policy = AnnouncePolicy.parse({
    table: 100,
    networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24', '2001:db8:a::/48'], gateway }],
  })

  test('is set up on a bridge with guests’ ports alone', () => {
    expect(announceOf([GUEST], { policy }).routing.gateways).toEqual([{ device: 'vmbr0', ...gateway }])
  })

  test('is refused on a bridge with a network card', () => {
    const links = [{ name: 'tap100i0', master: 'vmbr0' }, { name: 'eno1', master: 'vmbr0' }, 'vmbr0']
    const intent = announceOf([GUEST], { policy, links })
    expect(intent.routing.gateways).toEqual([])
    expect(intent.problems).toMatchObject([{ code: 'gateway-refused' }])
  })

  test('answers for guests elsewhere that a wide mask makes guests here look for', () => {
    const elsewhere = vm(300, [{ ip6: '2001:db8:a::30/64' }], { node: 'pve2' })
    expect(announceOf([GUEST, elsewhere], { policy }).routing.proxies).toEqual([
      { address: '2001:db8:a::30', device: 'vmbr0' },
    ])
  })
})

describe('what nothing happened to is the same value', () => {
  const trusting = { ...POLICY, notes: 'trusted' } as const
  const notes = notesOf({ 100: { routes: ['203.0.113.64/28'] } })
  const [own, later] = [notes(100), notes(101)]
  const notesKept = (vmid: number) => (vmid === 100 ? own : later)
  const other = vm(101, [{ ip: '203.0.113.11/24' }])
  const links = linksOf('tap100i0', 'tap101i0', 'vmbr0')
  const told = (guests: readonly Guest[], announced: readonly Announcement[], now = NOW) =>
    announceGuests(guestsInput(guests, { policy: trusting, notesOf: notesKept, links, now, announced }))
      .announcements

  test('as long as it is told, whenever that is', () => {
    const first = told([GUEST, other], [])
    expect(told([GUEST, other], first, NOW + 5)).toEqual(first)
    expect(told([GUEST, other], first, NOW + 9)).toBe(told([GUEST, other], first, NOW + 5))
  })

  test('while another guest is edited', () => {
    const first = told([GUEST, other], [])
    const edited = told([GUEST, vm(101, [{ ip: '203.0.113.12/24' }])], first, NOW + 5)
    expect(byGuest(edited).get(GUEST.vmid)).toBe(byGuest(first).get(GUEST.vmid))
    expect(edited.at(-1)).toMatchObject({ prefix: '203.0.113.12/32', vmid: 101, since: NOW + 5 })
  })

  test('until it is told otherwise', () => {
    const first = told([GUEST], [])
    expect(told([GUEST], first)).toEqual(first)
    const earlier = first.map(one => ({ ...one, since: NOW - 100 }))
    expect(told([GUEST], earlier)).toEqual(earlier)
  })

  test('but not where its time was told by a wrong clock', () => {
    const first = told([GUEST], [], NOW + 3600)
    expect(told([GUEST], first, NOW + 3590)).toEqual(first)
    expect(told([GUEST], first).map(({ since }) => since)).toEqual([NOW, NOW, NOW])
  })
})

describe('of two nodes that announce a guest, routers believe the one that began later', () => {
  const since = (given: Given) =>
    announceOf([GUEST], given).announcements.map(announcement => announcement.since)
  const announced = announceOf([GUEST]).announcements

  test('a guest that arrives has the time of its arrival', () => {
    expect(since({})).toEqual([NOW, NOW])
  })

  test('it keeps it, whenever an agent looks again', () => {
    expect(since({ announced, now: NOW + 1000 })).toEqual([NOW, NOW])
  })

  test('an address that another guest had has a time of its own', () => {
    const others = announced.map(announcement => ({ ...announcement, vmid: vmidOf(101) }))
    expect(since({ announced: others, now: NOW + 1000 })).toEqual([NOW + 1000, NOW + 1000])
  })

  test('a time yet to come is not kept, but a clock may be set back a little', () => {
    expect(since({ announced, now: NOW - 1000 })).toEqual([NOW - 1000, NOW - 1000])
    expect(since({ announced, now: NOW - 30 })).toEqual([NOW, NOW])
  })

  test('a time that is yet to come here only, because this node’s clock was set back, is kept', () => {
    const clocks = new Map([['pve2', NOW]])
    expect(since({ announced, now: NOW - 3600, clocks })).toEqual([NOW, NOW])
  })

  test('that is the one it moved to, whichever clock is ahead or behind, and by how much', () => {
    const move = fc.record({ to: fc.nat({ max: 2 }), stays: fc.integer({ min: 20, max: 5000 }) })
    const offsets = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -40_000, max: 40_000 })))
    fc.assert(
      fc.property(offsets, fc.array(move, { maxLength: 8 }), fc.nat({ max: 10 }), (ahead, moves, age) => {
        let time = NOW
        const times = moves.map(({ to, stays }) => {
          time += stays
          // Each tells the others every ten seconds how late it is.
          const clocks = new Map(ahead.map((own, node) => [`pve${node + 1}`, time - age + own]))
          return since({ now: time + (ahead[to] ?? 0), clocks })[0] ?? 0
        })
        for (const [index, told] of times.slice(1).entries()) expect(told).toBeGreaterThan(times[index] ?? 0)
      }),
    )
  })
})

test('a guest that cannot be judged is named and told of, and the others are announced', () => {
  const other = vm(101, [{ ip: '203.0.113.11/24' }])
  const input = guestsInput([GUEST, other], {
    policy: POLICY,
    links: linksOf('tap100i0', 'tap101i0', 'vmbr0'),
    now: NOW,
  })
  const intent = announceGuests({
    ...input,
    notesOf: vmid => {
      if (vmid === 100) throw new RangeError('too much of it')
      return input.notesOf(vmid)
    },
  })
  expect(prefixesOf(intent)).toEqual(['203.0.113.11/32'])
  expect([...intent.failed]).toEqual([100])
  expect(intent.problems).toMatchObject([{ code: 'guest-failed', vmid: 100 }])
})

describe('communities in Notes', () => {
  const policy = { ...POLICY, notes: 'trusted' } as const
  const notes = { 100: { communities: ['65000:7', '65001:2:4294967295', '65001:3:1', '65009:1:5'] } }
  const told = (given: Given) => announceOf([GUEST], { notes, asNumbers: [65_001], ...given })

  test('go along where Notes are trusted, but for those by which guestnet tells routers where a guest is', () => {
    const { announcements, problems } = told({ policy, lines: { communities: 9 } })
    expect(announcements[0]?.communities).toEqual(['65000:7', '65001:3:1', '65009:1:5'])
    expect(problems).toMatchObject([{ code: 'community-refused', vmid: 100, line: 9 }])
    expect(problems[0]?.message).toContain('65001:2:4294967295')
  })

  test('are refused where BGP is not guestnet’s: the kernel’s table cannot carry them', () => {
    const { announcements, problems } = told({ policy, asNumbers: undefined })
    expect(announcements[0]?.communities).toEqual([])
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'community-refused'))
    expect(problems[0]?.message).toContain("BGP is not guestnet's here")
  })

  test('are ignored where they are not', () => {
    const { announcements, problems } = told({})
    expect({ told: announcements[0]?.communities, problems }).toEqual({ told: [], problems: [] })
  })
})

describe('a black hole', () => {
  const hole = { vmid: 100, until: NOW + 60, communities: ['65535:666' as Community] }
  const holed = (guests: readonly Guest[], given: Given = {}) =>
    announceOf(guests, { blackholes: [hole], ...given })
  const toldOf = ({ announcements }: ReturnType<typeof announceOf>) =>
    announcements.map(({ prefix, communities, blackhole }) => ({ prefix, communities, blackhole }))
  const DROPPED = ['203.0.113.10/32', '2001:db8:a::10/128'].map(prefix => ({
    prefix,
    communities: ['65535:666'],
    blackhole: NOW + 60,
  }))

  test('is told of each address, and this node drops what comes, too', () => {
    const intent = holed([GUEST])
    expect(toldOf(intent)).toEqual(DROPPED)
    expect(intent.routing.routes).toEqual(DROPPED.map(({ prefix }) => ({ prefix })))
  })

  test('of one address leaves the others alone', () => {
    const one = { ...hole, addresses: ['203.0.113.10' as Address] }
    const { routing } = holed([GUEST], { blackholes: [one] })
    expect(routing.routes).toEqual([
      { prefix: '203.0.113.10/32' },
      { prefix: '2001:db8:a::10/128', device: 'vmbr0' },
    ])
  })

  test.each<[string, Guest, Given]>([
    ['the guest does not run', GUEST, { links: ['vmbr0'] }],
    ['its port is down', GUEST, { links: [{ name: 'tap100i0', up: false }, 'vmbr0'] }],
    ['its Notes say `announce: false`', GUEST, { notes: { 100: { announce: false } } }],
  ])('goes on while %s: the attack does, too', (_, guest, given) => {
    expect(toldOf(holed([guest], given))).toEqual(DROPPED)
  })

  test.each<[string, Guest[], Given]>([
    [
      'somebody else holds the address',
      [GUEST, vm(101, [NIC])],
      { links: ['tap101i0', 'vmbr0'], running: new Set([101]) },
    ],
    ['the guest is on another node', [vm(100, [NIC], { node: 'pve2' })], {}],
    ['it is a template', [vm(100, [NIC], { template: true })], {}],
    ['the policy does not let its address out', [vm(100, [{ ip: '198.51.100.7/24' }])], {}],
  ])('is not told where %s', (_, guests, given) => {
    expect(toldOf(holed(guests, given)).filter(({ blackhole }) => blackhole !== undefined)).toEqual([])
  })
})
