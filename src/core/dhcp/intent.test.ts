import { describe, expect, test } from 'vitest'
import {
  cidr,
  type GivenKea,
  linksOf,
  notesOf,
  observation,
  offer,
  policyOf,
  readingOf,
  slot,
  slotLink,
  table,
  vm,
} from '../../../test/builders.ts'
import { onceSettled } from '../../../test/holders.ts'
import type { Guest } from '../guest/guest.ts'
import { intend } from '../intent.ts'
import type { Observation } from '../observation.ts'
import type { Problem } from '../problem/problem.ts'
import type { Reading } from '../reading.ts'
import type { Offer } from './offer.ts'

const X = { ip: '192.0.2.5/24' }
const xOffer = (vmid: number) => offer(vmid, { address: X.ip })

function vmids(offers: readonly Offer[]): number[] {
  return offers.map(({ vmid }) => Number(vmid))
}

function codes({ problems }: { problems: readonly Problem[] }): string[] {
  return problems.map(({ code }) => code)
}

/** What DHCP should be, with what is told of the guests. */
function intentOf(guests: readonly Guest[], seen: Observation = observation(), given: Partial<Reading> = {}) {
  const reading = readingOf(guests, given)
  const { dhcp, problems } = intend(reading, onceSettled(reading, seen))
  return { ...dhcp, problems }
}

/** A node where these offers are served at their ports, by one Kea. */
function serving(offers: readonly Offer[], kea: GivenKea = {}): Observation {
  const chains = new Map(offers.map(({ link }) => [link, [{ packets: 0 }]] as const))
  return observation({
    links: linksOf(...offers.map(({ link }) => link)),
    ports: table({ chains, switches: new Map([['dhcp4-1', slotLink(1)]]) }),
    slots: [slot(1, { offers, ...kea })],
  })
}

test('a guest of this node is offered its address, and its port is served while it is there', () => {
  const guests = [vm(100, [X]), vm(101, [{ ip: '192.0.2.6/24' }])]
  const intent = intentOf(guests, observation({ links: linksOf('tap101i0') }))
  expect(vmids(intent.offers)).toEqual([100, 101])
  expect(intent.ports).toMatchObject([{ link: 'tap101i0', ifindex: 2, services: [{ server: 'dhcp4-1' }] }])
  expect(intent.problems).toEqual([])
})

test('while no guest is offered anything else, all that is offered is the same value: an event costs what it changes', () => {
  const guests = [vm(100, [X]), vm(101, [{ ip: '192.0.2.6/24' }])]
  const reading = readingOf(guests)
  const withPorts = (...names: string[]) => intend(reading, observation({ links: linksOf(...names) })).dhcp
  const before = withPorts('tap101i0')
  const after = withPorts('tap101i0', 'tap100i0')
  expect(after.offers).toBe(before.offers)
  expect(after.servers).toBe(before.servers)
  expect(after.ports.map(({ link }) => link).toSorted()).toEqual(['tap100i0', 'tap101i0'])
  expect(after.ports.find(({ link }) => link === 'tap101i0')).toBe(before.ports[0])
  const other = intentOf([vm(100, [{ ip: '192.0.2.7/24' }]), ...guests.slice(1)])
  expect(vmids(other.offers)).toEqual([100, 101])
  expect(other.offers).not.toBe(before.offers)
})

test('a guest of another node is no business of this one', () => {
  const { offers, refused, problems } = intentOf([vm(100, [{ ...X, mac: null }], { node: 'pve2' })])
  expect({ offers, refused, problems }).toEqual({ offers: [], refused: [], problems: [] })
})

test('a guest whose configuration went to another node is served for as long as its port is here', () => {
  const guests = [vm(100, [X], { node: 'pve2' })]
  expect(intentOf(guests, serving([xOffer(100)])).ports).toHaveLength(1)
})

test('where DHCP is switched off nothing is offered, not even what is served now', () => {
  const policy = policyOf('dhcp: { enabled: false }')
  const intent = intentOf([vm(100, [X])], serving([xOffer(100)]), { policy, complete: false })
  expect(intent).toMatchObject({ servers: new Map(), ports: [], offers: [], problems: [] })
  expect(intent.refused).toMatchObject([{ vmid: 100, nic: 0, refusal: { code: 'dhcp-disabled' } }])
})

test('what Proxmox drops of a guest’s file is told, of this node’s guests only', () => {
  const problems = [{ code: 'config-key-unknown', message: 'foo' } as const]
  const guests = [vm(100, [], { problems }), vm(101, [], { problems, node: 'pve2' })]
  expect(codes(intentOf(guests))).toEqual(['config-key-unknown'])
})

describe('an address that a guest elsewhere wants, too,', () => {
  const rivals = [vm(100, [X], { node: 'pve2' }), vm(200, [X])]

  test('is refused here if that one has the lower VMID', () => {
    const intent = intentOf(rivals)
    expect(intent.offers).toEqual([])
    expect(codes(intent)).toEqual(['address-duplicate'])
    expect(intent.refused).toMatchObject([{ vmid: 200, nic: 0 }])
  })

  test('is offered here if that one is stopped and the guest here runs', () => {
    const intent = intentOf(rivals, observation({ links: linksOf('tap200i0') }))
    expect(vmids(intent.offers)).toEqual([200])
    expect(intent.problems).toEqual([])
  })

  test('is refused to a stopped guest here if that one runs, whatever their VMIDs', () => {
    const guests = [vm(100, [X]), vm(200, [X], { node: 'pve2' })]
    expect(vmids(intentOf(guests).offers)).toEqual([100])
    expect(intentOf(guests, observation(), { running: new Set([200]) }).offers).toEqual([])
  })

  test('is held by that one even where it is left alone: it has the address all the same', () => {
    const given = { notesOf: notesOf({ 100: { dhcp: false } }) }
    expect(intentOf(rivals, observation(), given).offers).toEqual([])
  })

  test.each<[string, Guest]>([
    ['is a template', vm(100, [X], { node: 'pve2', template: true })],
    ['is in another VLAN', vm(100, [{ ...X, tag: 5 }], { node: 'pve2' })],
    ['is on another bridge', vm(100, [{ ...X, bridge: 'vmbr1' }], { node: 'pve2' })],
  ])('is offered here if that one %s', (_, rival) =>
    expect(vmids(intentOf([rival, vm(200, [X])]).offers)).toEqual([200]),
  )
})

test('a MAC address of a guest elsewhere is no rival of one here', () => {
  const mac = '52:54:00:9e:cc:1e'
  const guests = [vm(100, [{ ip: '192.0.2.6/24', mac }], { node: 'pve2' }), vm(200, [{ ...X, mac }])]
  expect(vmids(intentOf(guests).offers)).toEqual([200])
})

test('the same address in two networks is offered twice, by two servers', () => {
  const intent = intentOf([vm(100, [X]), vm(200, [{ ...X, tag: 5 }])])
  expect([...intent.servers.keys()]).toEqual(['dhcp4-1', 'dhcp4-2'])
  expect(intent.problems).toEqual([])
})

test('a guest that is served keeps its address when another one with a lower VMID starts', () => {
  const before = serving([xOffer(200)])
  const links = linksOf('tap100i0', 'tap200i0')
  expect(vmids(intentOf([vm(100, [X]), vm(200, [X])], { ...before, links }).offers)).toEqual([200])
})

describe('what is served stays as it is', () => {
  const isKept = (given: Partial<Reading>, seen: Observation) => vmids(intentOf([], seen, given).offers)
  const stopped = { ...serving([xOffer(100)]), links: linksOf() }

  test('while guests may be missing from what was read', () => {
    expect(isKept({ complete: false }, stopped)).toEqual([100])
  })

  test('while the guest’s file cannot be read', () => {
    expect(isKept({ unreadable: new Set([100]) }, stopped)).toEqual([100])
  })

  test('while the port of a guest without a file is still there', () => {
    expect(isKept({}, serving([xOffer(100)]))).toEqual([100])
  })

  test('no longer than that', () => {
    expect(isKept({}, stopped)).toEqual([])
  })

  test('but for NICs that the guest’s file no longer has', () => {
    expect(vmids(intentOf([vm(100, [])], serving([xOffer(100)])).offers)).toEqual([])
  })

  test('as the Kea has it that requests go to, where an older one is on its way out', () => {
    const older = { server: 'dhcp4-1', offers: [xOffer(100)] } as const
    const newer = { server: 'dhcp4-1', offers: [offer(100, { address: '192.0.2.77/24' })] } as const
    for (const [first, second] of [
      [older, newer],
      [newer, older],
    ]) {
      const seen: Observation = {
        ...serving([xOffer(100)]),
        ports: table({ switches: new Map([['dhcp4-1', slotLink(first === newer ? 1 : 2)]]) }),
        slots: [slot(1, first), slot(2, second)],
      }
      const { offers } = intentOf([], seen, { unreadable: new Set([100]) })
      expect(offers.map(({ address }) => address)).toEqual(['192.0.2.77/24'])
    }
  })
})

describe('a port whose guest has no configuration anywhere', () => {
  test('is told', () => {
    expect(intentOf([], serving([xOffer(100)])).problems).toMatchObject([
      { code: 'config-missing', vmid: 100, nic: 0 },
    ])
  })

  test.each<[string, Partial<Reading>]>([
    ['guests may be missing from what was read', { complete: false }],
    ['its file is there, only not readable', { unreadable: new Set([100]) }],
  ])('is not concluded where %s', (_, given) =>
    expect(codes(intentOf([], serving([xOffer(100)]), given))).toEqual([]),
  )
})

test('an address that is kept for a guest is not offered to another one', () => {
  const guests = [vm(50, [X])]
  const seen = { ...serving([xOffer(100)]), links: linksOf('tap100i0', 'tap50i0') }
  const { offers, problems } = intentOf(guests, seen, { unreadable: new Set([100]) })
  expect(vmids(offers)).toEqual([100])
  expect(problems).toMatchObject([{ code: 'address-duplicate', vmid: 50 }])
})

test('an edited address takes effect although the former one is being served', () => {
  const { offers } = intentOf([vm(100, [{ ip: '192.0.2.77/24' }])], serving([xOffer(100)]))
  expect(offers.map(({ address }) => address)).toEqual([cidr('192.0.2.77/24')])
})

describe('a guest that cannot be judged', () => {
  /** A mistake of guestnet's that only this guest's configuration brings out. */
  const broken = (guest: Guest): Guest =>
    Object.defineProperty({ ...guest }, 'nameserver', {
      get: () => {
        throw new RangeError('too much of it')
      },
    })

  test('goes on being served as it is, is told of, and takes nothing from the others', () => {
    const offers = [offer(100, { address: '192.0.2.5/24' }), offer(101)]
    const guests = [broken(vm(100, [{ ip: '192.0.2.99/24' }])), vm(101, [{ ip: '192.0.2.101/24' }])]
    const intent = intentOf(guests, serving(offers))
    expect(intent.offers.map(({ vmid, address }) => [vmid, address]).toSorted()).toEqual([
      [100, '192.0.2.5/24'],
      [101, '192.0.2.101/24'],
    ])
    expect(intent.problems).toMatchObject([{ code: 'guest-failed', vmid: 100 }])
  })
})

test('a guest with one address in 32 networks causes two servers, and is told why the others are not offered', () => {
  const nics = Array.from({ length: 32 }, (_, tag) => ({ ...X, tag: tag + 1 }))
  const { servers, offers, refused, problems } = intentOf([vm(100, nics), vm(101, [{ ip: '192.0.2.6/24' }])])
  expect(servers.size).toBe(2)
  expect(offers).toHaveLength(3)
  expect(refused.map(({ refusal }) => refusal.code)).toEqual(
    Array.from({ length: 30 }, () => 'too-many-servers'),
  )
  expect(problems[0]).toMatchObject({ code: 'too-many-servers', vmid: 100, nic: 2 })
})
