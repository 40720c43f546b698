import { describe, expect, test } from 'vitest'
import { ct, type GivenNic, linksOf, macOf, vm, vmidOf } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import { GuestNotes, NO_NOTES } from '../guest/notes.ts'
import type { Link } from '../node/link.ts'
import { AnnouncePolicy } from '../policy/announce.ts'
import type { Neighbour } from '../routing/routing.ts'
import type { Address } from '../values/address.ts'
import type { AnnounceInput } from './candidates.ts'
import { announce } from './intent.ts'

const POLICY = AnnouncePolicy.parse({
  table: 100,
  networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24', '2001:db8:a::/48'] }],
})

const NIC: GivenNic = { ip: '203.0.113.10/24', ip6: '2001:db8:a::10/64' }

/** Unix seconds. */
const NOW = 1_800_000_000

interface Given extends Partial<Omit<AnnounceInput, 'guests' | 'links' | 'notesOf'>> {
  readonly links?: readonly (string | (Partial<Link> & { name: string }))[]
  readonly notes?: Readonly<Record<number, object>>
}

function announceOf(
  guests: readonly Guest[],
  { links = ['tap100i0', 'vmbr0'], notes = {}, ...given }: Given = {},
) {
  return announce({
    node: 'pve1',
    guests,
    notesOf: vmid => (notes[vmid] ? GuestNotes.parse(notes[vmid]) : NO_NOTES),
    running: new Set(),
    policy: POLICY,
    links: linksOf(...links),
    neighbours: [],
    leases: [],
    announced: [],
    now: NOW,
    isSamePort: () => true,
    ...given,
  })
}

function prefixesOf({ announcements }: ReturnType<typeof announce>): string[] {
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
    ['of a guest without a port', [GUEST], { links: ['vmbr0'] }],
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

  test('over a link that is down, and it is told', () => {
    const intent = announceOf([GUEST], { links: ['tap100i0', { name: 'vmbr0', up: false }] })
    expect(prefixesOf(intent)).toEqual([])
    expect(intent.problems).toMatchObject([{ code: 'device-missing' }])
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
    expect(intent.problems).toMatchObject([{ code: 'announce-duplicate', vmid: 100 }])
  })

  test('one that runs elsewhere does not take it from one that runs here', () => {
    const elsewhere = vm(50, [{ ip: '203.0.113.10/24' }], { node: 'pve2' })
    const intent = announceOf([GUEST, elsewhere], { running: new Set([50]) })
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
})
