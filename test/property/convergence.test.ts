import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DhcpChange } from '../../src/core/dhcp/change.ts'
import type { PortTable, Slot } from '../../src/core/dhcp/observation.ts'
import { addressOf, type Offer } from '../../src/core/dhcp/offer.ts'
import { numberOfServer, type ServerId } from '../../src/core/dhcp/serverId.ts'
import { type DhcpService, elementsOf, ruleLabel, type Service } from '../../src/core/dhcp/service.ts'
import { NO_GUARD } from '../../src/core/guard/observation.ts'
import type { Guest } from '../../src/core/guest/guest.ts'
import { linkNameOf } from '../../src/core/guest/links.ts'
import type { Links } from '../../src/core/node/link.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Reading } from '../../src/core/reading.ts'
import {
  type GivenKea,
  linksOf,
  macOf,
  NO_ADVERTISER,
  observation,
  offer,
  slot,
  slotLink,
  table,
  vm,
} from '../builders.ts'
import { converge, type Run } from './nodeModel.ts'

const VMIDS = [100, 101, 102, 103, 104, 105]
const TAPS = VMIDS.map(vmid => `tap${vmid}i0`)

/** A guest with few addresses, networks and MAC addresses to choose from, so that many want the same. */
const guestOf = (vmid: number) =>
  fc
    .record({
      octet: fc.integer({ min: 1, max: 4 }),
      tag: fc.constantFrom(undefined, 5),
      node: fc.constantFrom('pve1', 'pve1', 'pve2'),
      template: fc.constantFrom(false, false, false, true),
      twin: fc.constantFrom(false, false, false, true),
    })
    .map(({ octet, tag, node, template, twin }) => {
      const mac = twin ? { mac: '52:54:00:9e:cc:1e' } : {}
      const vlan = tag === undefined ? {} : { tag }
      return vm(vmid, [{ ip: `192.0.2.${octet}/24`, ...vlan, ...mac }], { node, template })
    })

const anyGuests = fc
  .subarray(VMIDS)
  .chain(vmids => fc.tuple(...vmids.map(guestOf)))
  .map((guests): Guest[] => guests)

function anyServer(): fc.Arbitrary<ServerId> {
  return fc.constantFrom('dhcp4-1', 'dhcp4-2', 'dhcp4-3')
}

/** What a port's rules say of themselves; nothing where somebody else's hand was in it. */
const anyLabels = fc.constantFrom<{ label?: string }[]>(
  [],
  [{}],
  [{ label: 'VM 9 net0' }],
  [{ label: 'VM 9 net0' }, {}],
)

const anyLinks = fc.shuffledSubarray(TAPS).map(names => linksOf(...names))

const anyOffers = fc
  .subarray(VMIDS)
  .chain(vmids =>
    fc.tuple(
      ...vmids.map(vmid =>
        fc.integer({ min: 1, max: 4 }).map(octet => offer(vmid, { address: `192.0.2.${octet}/24` })),
      ),
    ),
  )

/** Some are of another version of guestnet, so that it is not known what they serve, and some serve nothing yet. */
const anyKea: fc.Arbitrary<GivenKea> = fc
  .record({
    state: fc.constantFrom('answering', 'answering', 'silent', 'dead'),
    ending: fc.constantFrom(false, false, false, true),
    server: anyServer(),
    config: fc.constantFrom('old', 'older'),
    offers: anyOffers,
    kind: fc.constantFrom('served', 'served', 'served', 'unknown', 'spare'),
  })
  .map(({ kind, ...kea }) => {
    if (kind === 'unknown') return { ...kea, ending: false, unknown: true }
    return kind === 'spare' ? { ...kea, spareFor: 'ipv4' } : kea
  })

const anySlots = fc
  .tuple(
    ...[1, 2, 3].map(number =>
      fc
        .tuple(
          fc.option(anyKea, { nil: undefined }),
          fc.constantFrom<Slot['network']>('ready', 'unnamed', 'absent', 'broken'),
        )
        // `unnamed` says that a Kea serves there.
        .map(([kea, network]) =>
          slot(number, kea, kea ? network : network === 'unnamed' ? 'ready' : network),
        ),
    ),
  )
  .chain(slots => fc.subarray([...slots]))

const anyTable: fc.Arbitrary<PortTable> = fc
  .record({
    switches: fc.uniqueArray(
      fc.tuple(anyServer(), fc.constantFrom('', slotLink(1), slotLink(2), slotLink(9))),
      { selector: ([server]) => server },
    ),
    open: fc.subarray([1, 2, 3].map(slotLink)),
    chains: fc.uniqueArray(fc.tuple(fc.constantFrom(...TAPS, 'tap999i0'), anyLabels), {
      selector: ([link]) => link,
    }),
    elements: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('52:54:00:9e:cc:1e', ...VMIDS.map(vmid => offer(vmid).mac as string)),
        fc.constantFrom('77', ...TAPS),
      ),
      { selector: ([mac]) => mac },
    ),
  })
  .map(({ switches, open, chains, elements }) =>
    table({
      switches: new Map(switches),
      open: new Set(open),
      chains: new Map(
        chains.map(([link, labels]) => [link, labels.map(label => ({ ...label, packets: 1 }))]),
      ),
      elements: new Map(elements.map(([mac, link]) => [`ipv4 ${macOf(mac)}`, link])),
    }),
  )

/** Whatever may be found on a node: after a crash, by another hand, of an older version. */
const anyNode: fc.Arbitrary<Observation> = fc.record({
  holders: fc.constant(new Map()),
  links: anyLinks,
  ports: fc.oneof(fc.constant(table({ exists: false })), anyTable),
  guard: fc.constant({ table: NO_GUARD }),
  slots: anySlots,
  advertising: fc.constant(NO_ADVERTISER),
})

/** How well the cluster could be read, and what its status tells. */
const anyKnowledge: fc.Arbitrary<Partial<Reading>> = fc.record({
  complete: fc.boolean(),
  unreadable: fc.subarray(VMIDS).map(vmids => new Set(vmids)),
  running: fc.subarray(VMIDS).map(vmids => new Set(vmids)),
})

/** What is served at each link, whichever server does it. */
function servedAt({ node, intent }: Run): string[] {
  return intent.ports
    .flatMap(({ link, services }) => services.map((service, index) => ({ link, service, index })))
    .filter(({ link, service, index }) => node.ports.chains.get(link)?.[index]?.label === ruleLabel(service))
    .filter(({ service }) => elementsOf(service).every(([key, to]) => node.ports.elements.get(key) === to))
    .flatMap(({ link, service }) =>
      service.kind === 'dhcp' ? [`${link} ${service.offer.address} ${service.offer.mac}`] : [],
    )
    .toSorted()
}

describe('from whatever is found on a node', () => {
  test('one run is enough, and one for each spare Kea that is awaited: a further one only starts spare Keas, and what comes after removes what they left unused', () => {
    fc.assert(
      fc.property(anyGuests, anyNode, anyKnowledge, (guests, seen, knowledge) => {
        const first = converge(guests, seen, knowledge)
        const second = converge(guests, first.node, knowledge)
        const serving = new Set(first.node.ports.switches.values())
        const isForSpares = (change: DhcpChange) =>
          change.kind === 'spare-start' || (change.kind === 'slot-open' && !serving.has(change.link))
        const isNeeded = (change: DhcpChange) => change.kind !== 'slot-remove' && !isForSpares(change)
        expect(second.changes.filter(isNeeded)).toEqual([])
        const third = converge(guests, second.node, knowledge)
        expect(third.changes.filter(isNeeded)).toEqual([])
        expect(third.changes.filter(({ kind }) => kind === 'spare-start')).toEqual([])
        expect(converge(guests, third.node, knowledge).changes).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('then every offer of a running guest is served, by a Kea that has it, and nothing else is', () => {
    fc.assert(
      fc.property(anyGuests, anyNode, (guests, seen) => {
        const run = converge(guests, seen)
        const running = run.intent.offers.filter(({ link }) => seen.links.has(link))
        expect(servedAt(run)).toHaveLength(running.length)
        expect([...run.node.ports.chains.keys()].toSorted()).toEqual(
          running.map(({ link }) => link).toSorted(),
        )
        for (const { server, offer } of run.intent.ports.flatMap(({ services }) => services.filter(isDhcp)))
          expect(offersOf(run.node, server)).toContainEqual(offer)
      }),
      { numRuns: 500 },
    )
  })

  test('then no address is offered twice in one network, and no MAC address twice at all', () => {
    fc.assert(
      fc.property(anyGuests, anyNode, (guests, seen) => {
        const { offers } = converge(guests, seen).intent
        const places = offers.map(offer => `${offer.network.tag} ${addressOf(offer)}`)
        expect(new Set(places).size).toBe(offers.length)
        expect(new Set(offers.map(({ mac }) => mac)).size).toBe(offers.length)
      }),
    )
  })
})

/** What the Kea that a server's requests go to offers. */
function offersOf({ ports, slots }: Observation, server: ServerId): readonly Offer[] {
  const destination = ports.switches.get(server)
  const kea = slots.find(({ link }) => link === destination)?.kea
  const serves = kea?.state === 'answering' && !kea.ending ? kea.serves : undefined
  return serves?.server === server ? serves.offers : []
}

describe('a port that is served, and whose guest stays as it is,', () => {
  /** The same guest before and after, among others that are different ones. */
  const anyChange = fc.record({
    kept: guestOf(100).filter(guest => !guest.template && guest.node === 'pve1'),
    before: anyGuests,
    after: anyGuests,
    others: anyLinks,
  })

  const runs = ({ kept, before, after, others }: ChangeOfOthers) => {
    const links: Links = linksOf('tap100i0', ...[...others.keys()].filter(name => name !== 'tap100i0'))
    const among = (guests: readonly Guest[]) => [kept, ...guests.filter(({ vmid }) => vmid !== kept.vmid)]
    const first = converge(among(before), observation({ links: linksOf('tap100i0') }))
    return { first, second: converge(among(after), { ...first.node, links }) }
  }

  test('stays served whatever happens to others, and is never released in between', () => {
    fc.assert(
      fc.property(anyChange, change => {
        const { first, second } = runs(change)
        fc.pre(servedAt(first).length > 0)
        expect(servedAt(second)).toEqual(expect.arrayContaining(servedAt(first)))
        expect(second.changes).not.toContainEqual({ kind: 'port-release', link: 'tap100i0' })
      }),
      { numRuns: 500 },
    )
  })

  test('is not even touched, unless its server’s number is no longer needed', () => {
    fc.assert(
      fc.property(anyChange, change => {
        const { first, second } = runs(change)
        const before = serviceOf(first)
        fc.pre(before !== undefined && numberOfServer(before.server) <= rivalsOf(second, before.offer))
        expect(serviceOf(second)?.server).toBe(before?.server)
        expect(
          second.changes.filter(each => each.kind === 'port-serve').map(each => each.port.link),
        ).not.toContain('tap100i0')
      }),
      { numRuns: 500 },
    )
  })
})

interface ChangeOfOthers {
  readonly kept: Guest
  readonly before: readonly Guest[]
  readonly after: readonly Guest[]
  readonly others: Links
}

/** What is served at the port of the guest that stays. */
function serviceOf({ intent }: Run) {
  return intent.ports.find(({ link }) => link === 'tap100i0')?.services.find(isDhcp)
}

function isDhcp(service: Service): service is DhcpService {
  return service.kind === 'dhcp'
}

/** How many offers of the same address there are. */
function rivalsOf({ intent }: Run, offer: Offer): number {
  return intent.offers.filter(other => addressOf(other) === addressOf(offer)).length
}

describe('in whatever order things happen', () => {
  /** Guests that do not contradict each other; the same address may be there in two VLANs. */
  const GUESTS = VMIDS.map((vmid, index) =>
    vm(vmid, [{ ip: `192.0.2.${1 + Math.floor(index / 2)}/24`, ...(index % 2 === 0 ? {} : { tag: 5 }) }]),
  )

  /** A guest that appears in the cluster or whose port appears, disappears, or is made anew. */
  type Event = { readonly vmid: number; readonly kind: 'configured' | 'started' | 'restarted' }
  const EVENTS = VMIDS.flatMap(vmid =>
    (['configured', 'started', 'restarted'] as const).map((kind): Event => ({ vmid, kind })),
  )
  const anyOrder = fc.shuffledSubarray(EVENTS, { minLength: EVENTS.length, maxLength: EVENTS.length })

  /** Runs the line after every event, or after each batch of them. */
  function live(order: readonly Event[], batch: number): Run {
    const ifindexes = new Map<string, number>()
    let next = 10
    let run = converge([], observation())
    let guests: readonly Guest[] = []
    for (const [index, { vmid, kind }] of order.entries()) {
      const guest = GUESTS.find(each => each.vmid === vmid)
      const link = linkNameOf({ type: 'qemu', vmid: guest?.vmid ?? offer(vmid).vmid }, 0)
      if (kind === 'configured' && guest) guests = [...guests, guest]
      else ifindexes.set(link, next++)
      if (index % batch === batch - 1) run = converge(guests, relinked(run.node, ifindexes))
    }
    return converge(guests, relinked(run.node, ifindexes))
  }

  test('the same ports are served in the end', () => {
    const expected = servedAt(live(EVENTS, 1))
    expect(expected).toHaveLength(VMIDS.length)
    fc.assert(
      fc.property(anyOrder, fc.integer({ min: 1, max: 5 }), (order, batch) => {
        expect(servedAt(live(order, batch))).toEqual(expected)
      }),
    )
  })
})

/** A node with these links now: an element that meant a link that is gone or another one now shows its number. */
function relinked(node: Observation, ifindexes: ReadonlyMap<string, number>): Observation {
  const links = linksOf(...[...ifindexes].map(([name, ifindex]) => ({ name, ifindex })))
  const elements = new Map(
    [...node.ports.elements].map(([element, name]) => {
      const before = node.links.get(name)?.ifindex
      return [element, links.get(name)?.ifindex === before ? name : String(before)]
    }),
  )
  return { ...node, links, ports: { ...node.ports, elements } }
}
