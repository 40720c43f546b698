import { describe, expect, test } from 'vitest'
import {
  type GivenKea,
  linksOf,
  observation,
  offer,
  offer6,
  portOf,
  slot,
  slotLink,
  table,
} from '../../../test/builders.ts'
import type { Change } from '../change.ts'
import type { Observation } from '../observation.ts'
import type { StalePort } from './change.ts'
import { diffDhcp } from './diff.ts'
import type { ElementKey, Slot } from './observation.ts'
import type { ServerId } from './serverId.ts'
import { elementsOf, type Port, ruleLabel } from './service.ts'
import type { DhcpTarget } from './target.ts'

const OFFER = offer(100)
const PORT = portOf(OFFER)
const ELEMENT: ElementKey = `ipv4 ${OFFER.mac}`
const SERVER = 'dhcp4-1'
const CHAIN = [{ label: ruleLabel({ kind: 'dhcp', server: SERVER, offer: OFFER }), packets: 7 }]
const TARGET = targetOf({ [SERVER]: 'new' })
const NOTHING: DhcpTarget = { ports: [], servers: new Map(), configs: new Map(), complete: true }

/** Servers with their configurations; the first one's offer is served at its port. */
function targetOf(configs: Partial<Record<ServerId, string>>, ports: readonly Port[] = [PORT]): DhcpTarget {
  const servers = Object.keys(configs) as ServerId[]
  return {
    ports,
    servers: new Map(servers.map(server => [server, [OFFER]])),
    configs: new Map(servers.map(server => [server, configs[server] ?? ''])),
    complete: true,
  }
}

/** A node on which everything is as `TARGET` has it, but for what is given. Without an agent: of what comes up in the background `spares.test.ts` tells. */
function served(given: Partial<Observation> = {}): Observation {
  return observation({
    links: linksOf(OFFER.link),
    ports: servedTable(),
    slots: [slot(1, { config: 'new' })],
    ...given,
  })
}

function servedTable(given: Partial<Observation['ports']> = {}): Observation['ports'] {
  return table({
    switches: new Map([[SERVER, slotLink(1)]]),
    open: new Set([slotLink(1)]),
    chains: new Map([[OFFER.link, CHAIN]]),
    elements: new Map([[ELEMENT, OFFER.link]]),
    ...given,
  })
}

function kinds(changes: readonly Change[]): string[] {
  return changes.map(({ kind }) => kind)
}

const steps = (target: DhcpTarget, seen: Observation) => diffDhcp(target, seen, slotLink)

test('a node where everything is as it should be is left alone', () => {
  expect(steps(TARGET, served())).toEqual([])
})

test('on a fresh node everything is made, in the order in which it is needed', () => {
  expect(steps(TARGET, observation({ links: linksOf(OFFER.link) }))).toEqual([
    { kind: 'table-create' },
    { kind: 'slot-create', slot: 1, repair: false },
    { kind: 'server-start', server: SERVER, slot: 1, config: 'new', offers: [OFFER] },
    { kind: 'slot-open', slot: 1, link: slotLink(1) },
    { kind: 'server-switch', server: SERVER, slot: 1, link: slotLink(1) },
    { kind: 'port-serve', port: PORT, stale: { chain: false, elements: [] } },
  ])
})

test('without guests there is no Kea', () => {
  expect(kinds(steps(NOTHING, observation()))).toEqual(['table-create'])
})

test('a guest’s stop only removes its port', () => {
  expect(steps({ ...TARGET, ports: [] }, served())).toEqual([
    { kind: 'port-release', link: OFFER.link },
    { kind: 'element-remove', element: ELEMENT },
  ])
})

describe('a changed configuration', () => {
  const former = served({ slots: [slot(1, { config: 'old', pid: 77 })] })

  test('gets a Kea beside the old one, which ends after requests go to the new one', () => {
    expect(steps(TARGET, former)).toEqual([
      { kind: 'slot-create', slot: 2, repair: false },
      { kind: 'server-start', server: SERVER, slot: 2, config: 'new', offers: [OFFER] },
      { kind: 'slot-open', slot: 2, link: slotLink(2) },
      { kind: 'server-switch', server: SERVER, slot: 2, link: slotLink(2) },
      { kind: 'server-retire', slot: 1, pid: 77, successor: 2 },
    ])
  })

  test('reuses a slot that is ready', () => {
    const seen = {
      ...former,
      slots: [...former.slots, slot(2)],
      ports: servedTable({ open: new Set([slotLink(1), slotLink(2)]) }),
    }
    expect(kinds(steps(TARGET, seen))).toEqual(['server-start', 'server-switch', 'server-retire'])
  })
})

describe('a Kea gets a successor', () => {
  test.each<[string, GivenKea]>([
    ['that died', { state: 'dead' }],
    ['that does not answer', { state: 'silent' }],
    ['that is being ended', { ending: true }],
    ['of another server', { server: 'dhcp4-2' }],
  ])('%s', (_, kea) => {
    const changes = steps(TARGET, served({ slots: [slot(1, { config: 'new', ...kea })] }))
    expect(changes).toContainEqual({
      kind: 'server-start',
      server: SERVER,
      slot: 2,
      config: 'new',
      offers: [OFFER],
    })
    expect(changes).toContainEqual({ kind: 'server-switch', server: SERVER, slot: 2, link: slotLink(2) })
    expect(kinds(changes)).not.toContain('port-serve')
  })

  test('whose network is broken, in another slot', () => {
    const slots = [slot(1, { config: 'new' }, 'broken')]
    expect(steps(TARGET, served({ slots }))).toContainEqual({ kind: 'slot-create', slot: 2, repair: false })
  })
})

test('a Kea that is being ended is not told to end again', () => {
  const slots = [slot(1, { config: 'new' }), slot(2, { config: 'old', ending: true })]
  expect(steps(TARGET, served({ slots }))).toEqual([])
})

test('of two Keas with the right configuration the one that requests go to stays', () => {
  const slots = [slot(1, { config: 'new' }), slot(2, { config: 'new', pid: 78 })]
  const ports = servedTable({
    switches: new Map([[SERVER, slotLink(2)]]),
    open: new Set([slotLink(1), slotLink(2)]),
  })
  expect(steps(TARGET, served({ slots, ports }))).toEqual([
    { kind: 'server-retire', slot: 1, pid: 1001, successor: 2 },
  ])
})

test('a free slot whose network is broken is rebuilt before a Kea starts there', () => {
  expect(steps(TARGET, served({ slots: [slot(1, undefined, 'broken')] })).slice(0, 2)).toMatchObject([
    { kind: 'slot-create', slot: 1, repair: true },
    { kind: 'server-start', slot: 1 },
  ])
})

test('a link made anew under a slot’s name gets its rules anew, too', () => {
  const changes = steps(TARGET, served({ slots: [slot(1, undefined, 'absent')] }))
  expect(kinds(changes)).toEqual(['slot-create', 'server-start', 'slot-open', 'server-switch'])
})

test('a Kea whose namespace lost its name goes on serving, and the namespace is named again', () => {
  const slots = [slot(1, { config: 'new', pid: 77 }, 'unnamed')]
  expect(steps(TARGET, served({ slots }))).toEqual([{ kind: 'slot-name', slot: 1, pid: 77 }])
})

test('a server that is no longer needed goes, after the ports that went to it', () => {
  const ports = servedTable({
    switches: new Map([
      [SERVER, slotLink(1)],
      ['dhcp4-2', slotLink(2)],
    ]),
    open: new Set([slotLink(1), slotLink(2)]),
    chains: new Map([
      [OFFER.link, [{ label: ruleLabel({ kind: 'dhcp', server: 'dhcp4-2', offer: OFFER }), packets: 0 }]],
    ]),
  })
  const slots = [slot(1, { config: 'new' }), slot(2, { server: 'dhcp4-2', pid: 78 })]
  expect(steps(TARGET, served({ ports, slots }))).toEqual([
    { kind: 'port-serve', port: PORT, stale: { chain: true, elements: [ELEMENT] } },
    { kind: 'switch-remove', server: 'dhcp4-2' },
    { kind: 'server-retire', slot: 2, pid: 78 },
  ])
})

describe('a port is served anew, chain and element together,', () => {
  test.each<[string, Partial<Observation['ports']>, StalePort]>([
    [
      'where its link was made anew',
      { elements: new Map([[ELEMENT, '5']]) },
      { chain: true, elements: [ELEMENT] },
    ],
    ['where its chain is gone', { chains: new Map() }, { chain: false, elements: [ELEMENT] }],
    ['where its element is gone', { elements: new Map() }, { chain: true, elements: [] }],
    [
      'where its chain is not as guestnet made it',
      { chains: new Map([[OFFER.link, [{ packets: 0 }]]]) },
      { chain: true, elements: [ELEMENT] },
    ],
  ])('%s', (_, given, stale) => {
    const seen = served({ ports: servedTable(given) })
    expect(steps(TARGET, seen)).toEqual([{ kind: 'port-serve', port: PORT, stale }])
  })

  test('where its guest has another MAC address, and the former one is forgotten', () => {
    const edited = offer(100, { mac: '52:54:00:9e:cc:1e' })
    const port = portOf(edited)
    expect(steps(targetOf({ [SERVER]: 'new' }, [port]), served())).toEqual([
      { kind: 'element-remove', element: ELEMENT },
      { kind: 'port-serve', port, stale: { chain: true, elements: [] } },
    ])
  })
})

test('a rule for requests that was removed or leads elsewhere is made again', () => {
  for (const destination of ['', slotLink(9)]) {
    const ports = servedTable({ switches: new Map([[SERVER, destination]]) })
    expect(steps(TARGET, served({ ports }))).toEqual([
      { kind: 'server-switch', server: SERVER, slot: 1, link: slotLink(1) },
    ])
  }
})

test('rules for replies that were removed are made again', () => {
  expect(steps(TARGET, served({ ports: servedTable({ open: new Set() }) }))).toEqual([
    { kind: 'slot-open', slot: 1, link: slotLink(1) },
  ])
})

describe('a port at which both families are served', () => {
  const other = offer6(100)
  const both: Port = {
    ...PORT,
    services: [...PORT.services, { kind: 'dhcp', server: 'dhcp6-1', offer: other }],
  }
  const target: DhcpTarget = {
    ...targetOf({ [SERVER]: 'new', 'dhcp6-1': 'new' }, [both]),
    servers: new Map([
      [SERVER, [OFFER]],
      ['dhcp6-1', [other]],
    ]),
  }
  const rules = both.services.map(service => ({ label: ruleLabel(service), packets: 0 }))
  const seen = (given: Partial<Observation['ports']> = {}) =>
    served({
      slots: [slot(1, { config: 'new' }), slot(2, { server: 'dhcp6-1', config: 'new' })],
      ports: servedTable({
        switches: new Map([
          [SERVER, slotLink(1)],
          ['dhcp6-1', slotLink(2)],
        ]),
        open: new Set([slotLink(1), slotLink(2)]),
        chains: new Map([[OFFER.link, rules]]),
        elements: new Map(both.services.flatMap(elementsOf)),
        ...given,
      }),
    })

  const allElements = both.services.flatMap(elementsOf).map(([key]) => key)

  test('is left alone as it should be', () => {
    expect(steps(target, seen())).toEqual([])
  })

  test.each<[string, Partial<Observation['ports']>, readonly ElementKey[]]>([
    ['lacks the rule of one', { chains: new Map([[OFFER.link, rules.slice(0, 1)]]) }, allElements],
    ['has them in another order', { chains: new Map([[OFFER.link, rules.toReversed()]]) }, allElements],
    ['lacks the element of one', { elements: new Map([[ELEMENT, OFFER.link]]) }, [ELEMENT]],
  ])('is made anew, both together, where it %s', (_, given, elements) => {
    expect(steps(target, seen(given))).toEqual([
      { kind: 'port-serve', port: both, stale: { chain: true, elements } },
    ])
  })

  test('loses one family alone', () => {
    expect(steps({ ...target, ports: [PORT] }, seen())).toEqual([
      ...allElements.slice(1).map(element => ({ kind: 'element-remove', element })),
      { kind: 'port-serve', port: PORT, stale: { chain: true, elements: [ELEMENT] } },
    ])
  })
})

describe('slots without a Kea', () => {
  const kept = slot(1, { config: 'new' })
  const removed = (...slots: Slot[]) =>
    steps(TARGET, served({ slots: [kept, ...slots] })).flatMap(change =>
      change.kind === 'slot-remove' ? [change.slot] : [],
    )

  test('go, but for two that the next edits find ready', () => {
    expect(removed(slot(2), slot(3), slot(4), slot(5))).toEqual([4, 5])
    expect(removed(slot(2), slot(3))).toEqual([])
  })

  test('stay while a Kea is in them, even one that is about to end or is dead', () => {
    const dying = slot(4, { ending: true })
    const dead = slot(5, { state: 'dead' })
    expect(removed(slot(2), slot(3), dying, dead)).toEqual([])
  })

  test('stay where they are somebody else’s, or not whole', () => {
    expect(removed(slot(2), slot(3), slot(4, undefined, 'foreign'), slot(5, undefined, 'broken'))).toEqual([])
  })

  test('stay where guests may be missing from what was read', () => {
    const seen = served({ slots: [kept, slot(2), slot(3), slot(4)] })
    expect(steps({ ...TARGET, complete: false }, seen)).toEqual([])
  })
})
