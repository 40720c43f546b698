import { describe, expect, test } from 'vitest'
import {
  cidr,
  intentInput,
  linksOf,
  observation,
  offer,
  slot,
  slotLink,
  table,
  vm,
} from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import type { Observation } from '../observation.ts'
import { type Intent, type IntentInput, intend } from './intent.ts'
import type { Kea } from './observation.ts'
import type { Offer } from './offer.ts'

const X = { ip: '192.0.2.5/24' }
const xOffer = (vmid: number) => offer(vmid, { address: X.ip })

function vmids(offers: readonly Offer[]): number[] {
  return offers.map(({ vmid }) => Number(vmid))
}

function codes({ problems }: Intent): string[] {
  return problems.map(({ code }) => code)
}

/** A node where these offers are served at their ports, by one Kea. */
function serving(offers: readonly Offer[], kea: Partial<Kea> = {}): Observation {
  const chains = new Map(offers.map(({ link }) => [link, { comment: undefined, packets: 0 }]))
  return observation({
    links: linksOf(...offers.map(({ link }) => link)),
    ports: table({ chains, switches: new Map([[1, slotLink(1)]]) }),
    slots: [slot(1, { offers, ...kea })],
  })
}

test('a guest of this node is offered its address, and its port is served while it is there', () => {
  const guests = [vm(100, [X]), vm(101, [{ ip: '192.0.2.6/24' }])]
  const intent = intend(intentInput(guests), observation({ links: linksOf('tap101i0') }))
  expect(vmids(intent.offers)).toEqual([100, 101])
  expect(intent.ports).toMatchObject([{ link: 'tap101i0', ifindex: 2, server: 1 }])
  expect(intent.problems).toEqual([])
})

test('a guest of another node is no business of this one', () => {
  const { offers, refused, problems } = intend(
    intentInput([vm(100, [{ ...X, mac: null }], { node: 'pve2' })]),
    observation(),
  )
  expect({ offers, refused, problems }).toEqual({ offers: [], refused: [], problems: [] })
})

test('a guest whose configuration went to another node is served for as long as its port is here', () => {
  const guests = [vm(100, [X], { node: 'pve2' })]
  expect(intend(intentInput(guests), serving([xOffer(100)])).ports).toHaveLength(1)
})

test('where DHCP is switched off nothing is offered, not even what is served now', () => {
  const input = intentInput([vm(100, [X])], { enabled: false, complete: false })
  expect(intend(input, serving([xOffer(100)]))).toEqual({
    servers: new Map(),
    ports: [],
    offers: [],
    refused: [],
    problems: [],
  })
})

test('what Proxmox drops of a guest’s file is told, of this node’s guests only', () => {
  const problems = [{ code: 'config-key-unknown', message: 'foo' } as const]
  const guests = [vm(100, [], { problems }), vm(101, [], { problems, node: 'pve2' })]
  expect(codes(intend(intentInput(guests), observation()))).toEqual(['config-key-unknown'])
})

describe('an address that a guest elsewhere wants, too,', () => {
  const rivals = [vm(100, [X], { node: 'pve2' }), vm(200, [X])]

  test('is refused here if that one has the lower VMID', () => {
    const intent = intend(intentInput(rivals), observation())
    expect(intent.offers).toEqual([])
    expect(codes(intent)).toEqual(['address-duplicate'])
    expect(intent.refused).toMatchObject([{ vmid: 200, nic: 0 }])
  })

  test('is offered here if that one is stopped and the guest here runs', () => {
    const intent = intend(intentInput(rivals), observation({ links: linksOf('tap200i0') }))
    expect(vmids(intent.offers)).toEqual([200])
    expect(intent.problems).toEqual([])
  })

  test('is refused to a stopped guest here if that one runs, whatever their VMIDs', () => {
    const guests = [vm(100, [X]), vm(200, [X], { node: 'pve2' })]
    expect(vmids(intend(intentInput(guests), observation()).offers)).toEqual([100])
    expect(intend(intentInput(guests, { running: new Set([200]) }), observation()).offers).toEqual([])
  })

  test('is held by that one even where the policy leaves it alone: it has the address all the same', () => {
    const isServed: IntentInput['isServed'] = guest => guest.vmid !== 100
    expect(intend(intentInput(rivals, { isServed }), observation()).offers).toEqual([])
  })

  test.each<[string, Guest]>([
    ['is a template', vm(100, [X], { node: 'pve2', template: true })],
    ['is in another VLAN', vm(100, [{ ...X, tag: 5 }], { node: 'pve2' })],
    ['is on another bridge', vm(100, [{ ...X, bridge: 'vmbr1' }], { node: 'pve2' })],
  ])('is offered here if that one %s', (_, rival) =>
    expect(vmids(intend(intentInput([rival, vm(200, [X])]), observation()).offers)).toEqual([200]),
  )
})

test('a MAC address of a guest elsewhere is no rival of one here', () => {
  const mac = '52:54:00:9e:cc:1e'
  const guests = [vm(100, [{ ip: '192.0.2.6/24', mac }], { node: 'pve2' }), vm(200, [{ ...X, mac }])]
  expect(vmids(intend(intentInput(guests), observation()).offers)).toEqual([200])
})

test('the same address in two networks is offered twice, by two servers', () => {
  const intent = intend(intentInput([vm(100, [X]), vm(200, [{ ...X, tag: 5 }])]), observation())
  expect([...intent.servers.keys()]).toEqual([1, 2])
  expect(intent.problems).toEqual([])
})

test('a guest that is served keeps its address when another one with a lower VMID starts', () => {
  const before = serving([xOffer(200)])
  const links = linksOf('tap100i0', 'tap200i0')
  expect(vmids(intend(intentInput([vm(100, [X]), vm(200, [X])]), { ...before, links }).offers)).toEqual([200])
})

describe('what is served stays as it is', () => {
  const isKept = (input: Partial<IntentInput>, seen: Observation) =>
    vmids(intend(intentInput([], input), seen).offers)
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
    expect(vmids(intend(intentInput([vm(100, [])]), serving([xOffer(100)])).offers)).toEqual([])
  })

  test('as the Kea has it that requests go to, where an older one is on its way out', () => {
    const older = { server: 1, offers: [xOffer(100)] }
    const newer = { server: 1, offers: [offer(100, { address: '192.0.2.77/24' })] }
    for (const [first, second] of [
      [older, newer],
      [newer, older],
    ]) {
      const seen: Observation = {
        ...serving([xOffer(100)]),
        ports: table({ switches: new Map([[1, slotLink(first === newer ? 1 : 2)]]) }),
        slots: [slot(1, first), slot(2, second)],
      }
      const { offers } = intend(intentInput([], { unreadable: new Set([100]) }), seen)
      expect(offers.map(({ address }) => address)).toEqual(['192.0.2.77/24'])
    }
  })
})

describe('a port whose guest has no configuration anywhere', () => {
  test('is told', () => {
    expect(intend(intentInput([]), serving([xOffer(100)])).problems).toMatchObject([
      { code: 'config-missing', vmid: 100, nic: 0 },
    ])
  })

  test.each<[string, Partial<IntentInput>]>([
    ['guests may be missing from what was read', { complete: false }],
    ['its file is there, only not readable', { unreadable: new Set([100]) }],
  ])('is not concluded where %s', (_, input) =>
    expect(codes(intend(intentInput([], input), serving([xOffer(100)])))).toEqual([]),
  )
})

test('an address that is kept for a guest is not offered to another one', () => {
  const guests = [vm(50, [X])]
  const seen = { ...serving([xOffer(100)]), links: linksOf('tap100i0', 'tap50i0') }
  const { offers, problems } = intend(intentInput(guests, { unreadable: new Set([100]) }), seen)
  expect(vmids(offers)).toEqual([100])
  expect(problems).toMatchObject([{ code: 'address-duplicate', vmid: 50 }])
})

test('an edited address takes effect although the former one is being served', () => {
  const { offers } = intend(intentInput([vm(100, [{ ip: '192.0.2.77/24' }])]), serving([xOffer(100)]))
  expect(offers.map(({ address }) => address)).toEqual([cidr('192.0.2.77/24')])
})
