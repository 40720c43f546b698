import { describe, expect, test } from 'vitest'
import { observation, offer, offer6, portOf, slot, slotLink, table } from '../../../test/builders.ts'
import type { StartFailure } from '../problem/startFailure.ts'
import { FAMILIES } from '../values/family.ts'
import type { DhcpChange } from './change.ts'
import { diffDhcp } from './diff.ts'
import type { KeaProcess, PortTable, Slot } from './observation.ts'
import { awaiting, awaitsSuccessor } from './placement.ts'
import type { DhcpTarget } from './target.ts'

const TARGET: DhcpTarget = {
  ports: [],
  servers: new Map([
    ['dhcp4-1', [offer(100)]],
    ['dhcp6-1', [offer6(100)]],
  ]),
  configs: new Map([
    ['dhcp4-1', 'now'],
    ['dhcp6-1', 'now'],
  ]),
  inBackground: true,
  complete: true,
}

const SERVING = [slot(1, { config: 'now' }), slot(2, { server: 'dhcp6-1', config: 'now' })]
const SPARES = [slot(3, { spareFor: 'ipv4', pid: 33 }), slot(4, { spareFor: 'ipv6', pid: 44 })]

const SWITCHED = table({
  switches: new Map([
    ['dhcp4-1', slotLink(1)],
    ['dhcp6-1', slotLink(2)],
  ]),
  open: new Set([1, 2, 3, 4, 5].map(slotLink)),
})

function steps(slots: readonly Slot[], { target = TARGET, ...given }: Given = {}) {
  return diffDhcp(target, observation({ slots, ports: SWITCHED, ...given }), slotLink)
}

interface Given {
  readonly target?: DhcpTarget
  readonly ports?: PortTable
  readonly startFailures?: ReadonlyMap<'ipv4' | 'ipv6', StartFailure>
}

const started = (changes: readonly DhcpChange[]) => changes.map(({ kind }) => kind)

const FAILURE: StartFailure = { what: 'start a Kea', why: 'no memory' }

const edited = { ...TARGET, configs: new Map([...TARGET.configs, ['dhcp4-1', 'edited'] as const]) }

test('each family that is served has one, in a slot of its own, to which the way is open already', () => {
  expect(steps(SERVING)).toEqual([
    { kind: 'spare-start', slot: 3, builds: 'build', family: 'ipv4' },
    { kind: 'spare-start', slot: 4, builds: 'build', family: 'ipv6' },
  ])
  const opened = { ...SWITCHED, open: new Set([1, 2].map(slotLink)) }
  expect(steps([...SERVING, ...SPARES], { ports: opened })).toEqual([
    { kind: 'slot-open', slot: 3, link: slotLink(3) },
    { kind: 'slot-open', slot: 4, link: slotLink(4) },
  ])
  expect(steps([...SERVING, ...SPARES])).toEqual([])
})

test('slots that are ready are used first', () => {
  expect(steps([...SERVING, slot(3), slot(7)])).toEqual([
    { kind: 'slot-open', slot: 7, link: slotLink(7) },
    { kind: 'spare-start', slot: 3, family: 'ipv4' },
    { kind: 'spare-start', slot: 7, family: 'ipv6' },
  ])
})

describe('an edit', () => {
  const prepare = {
    kind: 'server-prepare',
    server: 'dhcp4-1',
    slot: 3,
    spare: 33,
    config: 'edited',
    offers: [offer(100)],
  }
  const spare6 = SPARES[1] as Slot
  const ready = (config: string): Slot => ({ ...slot(3, { config, pid: 33 }), isReady: true })

  test('is told to one, in the background, while the former Kea goes on', () => {
    expect(steps([...SERVING, ...SPARES], { target: edited })).toEqual([prepare])
    expect(awaitsSuccessor(edited, observation({ slots: [...SERVING, ...SPARES], ports: SWITCHED }))).toBe(
      true,
    )
  })

  test('sends requests there once it serves that; the former Kea ends, and the next one is started where a slot is free', () => {
    const slots = [...SERVING, ready('edited'), spare6]
    const switched = [
      { kind: 'server-switch', server: 'dhcp4-1', slot: 3, link: slotLink(3) },
      { kind: 'server-retire', slot: 1, pid: 1001, successor: 3 },
    ]
    expect(steps(slots, { target: edited })).toEqual(switched)
    expect(awaitsSuccessor(edited, observation({ slots, ports: SWITCHED }))).toBe(false)
    const next = [
      { kind: 'slot-open', slot: 6, link: slotLink(6) },
      { kind: 'spare-start', slot: 6, family: 'ipv4' },
    ]
    expect(steps([...slots, slot(6)], { target: edited })).toEqual([...switched, ...next])
  })

  test('is followed by another one: requests go on to what is newer, and it is told next', () => {
    const twice = { ...TARGET, configs: new Map([...TARGET.configs, ['dhcp4-1', 'edited twice'] as const]) }
    const spare4 = slot(5, { spareFor: 'ipv4', pid: 55 })
    expect(steps([...SERVING, ready('edited'), spare4, spare6], { target: twice })).toEqual([
      { ...prepare, slot: 5, spare: 55, config: 'edited twice' },
      { kind: 'server-switch', server: 'dhcp4-1', slot: 3, link: slotLink(3) },
      { kind: 'server-retire', slot: 1, pid: 1001, successor: 3 },
    ])
  })

  test('does not send them to what was left by a crash', () => {
    const left = slot(3, { config: 'older', pid: 33 })
    expect(steps([...SERVING, left, spare6], { target: edited })).toContainEqual(
      expect.objectContaining({ kind: 'server-retire', slot: 3 }),
    )
  })

  test('is told to one as well where the former Kea does not answer; that goes when requests go elsewhere', () => {
    const silent = slot(1, { config: 'now', state: 'silent' })
    expect(steps([silent, SERVING[1] as Slot, ...SPARES], { target: edited })).toEqual([prepare])
    expect(steps([silent, SERVING[1] as Slot, ready('edited'), spare6], { target: edited })).toEqual([
      { kind: 'server-switch', server: 'dhcp4-1', slot: 3, link: slotLink(3) },
      { kind: 'server-retire', slot: 1, pid: 1001, successor: 3 },
    ])
  })

  test('by a process that runs once waits for the one that takes over', () => {
    const slots = [slot(1, { config: 'now', state: 'silent' }), SERVING[1] as Slot, ...SPARES]
    expect(steps(slots, { target: { ...edited, inBackground: false } })).toEqual([
      { kind: 'server-start', server: 'dhcp4-1', slot: 3, config: 'edited', offers: [offer(100)], spare: 33 },
      { kind: 'server-switch', server: 'dhcp4-1', slot: 3, link: slotLink(3) },
      { kind: 'server-retire', slot: 1, pid: 1001, successor: 3 },
    ])
  })
})

describe('none is started', () => {
  test('where no agent runs, which would make use of it; those that are there stay', () => {
    const target = { ...TARGET, inBackground: false }
    expect(steps(SERVING, { target })).toEqual([])
    expect(steps([...SERVING, ...SPARES], { target })).toEqual([])
  })

  test('in a run that starts a Kea, for guests wait for that', () => {
    expect(steps([]).map(({ kind }) => kind)).not.toContain('spare-start')
  })

  test('while a Kea ends, whose slot it gets', () => {
    const ending = slot(5, { config: 'old', ending: true })
    expect(steps([...SERVING, ending, SPARES[1] as Slot])).toEqual([])
  })

  test('while one of its family is being started', () => {
    expect(steps([...SERVING, { ...slot(3), starting: { family: 'ipv4' } }, SPARES[1] as Slot])).toEqual([])
  })

  test('while guests of the other family wait for theirs', () => {
    const starting: Slot = { ...slot(2), starting: { family: 'ipv6', server: 'dhcp6-1' } }
    expect(steps([SERVING[0] as Slot, starting])).toEqual([])
  })

  test.each(['all', 'spares'] as const)('a short while after one did not come up (%s)', rests => {
    const startFailures = new Map(FAMILIES.map(family => [family, { ...FAILURE, rests }]))
    expect(steps(SERVING, { startFailures })).toEqual([])
  })

  test('where nothing is served', () => {
    const nothing = { ...TARGET, servers: new Map(), configs: new Map() }
    expect(steps([], { target: nothing }).map(({ kind }) => kind)).not.toContain('spare-start')
  })
})

describe('an edit that finds none', () => {
  const spare6 = SPARES[1] as Slot

  test('waits for one, which is started at once, and the former Kea goes on', () => {
    expect(steps([...SERVING, spare6], { target: edited })).toEqual([
      { kind: 'spare-start', slot: 3, builds: 'build', family: 'ipv4' },
    ])
    expect(awaitsSuccessor(edited, observation({ slots: SERVING, ports: SWITCHED }))).toBe(true)
  })

  test('does not let it wait for the slot of a Kea that ends', () => {
    const ending = slot(5, { config: 'old', ending: true })
    expect(started(steps([...SERVING, ending, spare6], { target: edited }))).toContain('spare-start')
  })

  test('does not let it wait for a server that is started', () => {
    const slots = [SERVING[0] as Slot, slot(2, { server: 'dhcp6-1', config: 'now', state: 'dead' })]
    const changes = steps(slots, { target: edited })
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'server-prepare', server: 'dhcp6-1' }))
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'spare-start', family: 'ipv4' }))
  })

  test('starts no other while one is being started', () => {
    const slots = [...SERVING, { ...slot(3), starting: { family: 'ipv4' as const } }, spare6]
    expect(steps(slots, { target: edited })).toEqual([])
  })

  test('lets it be a moment after one did not come up, and nobody waits for it meanwhile', () => {
    const rested = (rests: 'all' | 'spares') => new Map([['ipv4' as const, { ...FAILURE, rests }]])
    const slots = [...SERVING, spare6]
    expect(steps(slots, { target: edited, startFailures: rested('all') })).toEqual([])
    expect(
      awaitsSuccessor(edited, observation({ slots, ports: SWITCHED, startFailures: rested('all') })),
    ).toBe(false)
    expect(awaiting(edited, observation({ slots, ports: SWITCHED, startFailures: rested('all') }))).toEqual([
      'dhcp4-1',
    ])
    const again = steps(slots, { target: edited, startFailures: rested('spares') })
    expect(started(again)).toEqual(['spare-start'])
  })

  test('starts a Kea itself where no agent runs', () => {
    const changes = steps([...SERVING, spare6], { target: { ...edited, inBackground: false } })
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'server-start', config: 'edited' }))
  })
})

describe('a first Kea', () => {
  const first = { kind: 'server-prepare', server: 'dhcp4-1', config: 'now', offers: [offer(100)] }
  const served6 = SERVING[1] as Slot
  const ports = table({ switches: new Map([['dhcp6-1', slotLink(2)]]), open: new Set([slotLink(2)]) })
  const port = {
    ...portOf(offer(100)),
    services: [...portOf(offer(100)).services, ...portOf(offer6(100), 'dhcp6-1').services],
  }
  const target = { ...TARGET, ports: [port] }

  test('is started in the background, and only what others serve is taken from ports', () => {
    expect(steps([served6], { target, ports })).toEqual([
      { ...first, slot: 1, builds: 'build' },
      { kind: 'port-serve', port: { ...port, services: port.services.slice(1) }, stale: expect.anything() },
    ])
  })

  test('is waited for by nobody while it starts', () => {
    const starting: Slot = {
      ...slot(1, undefined, 'absent'),
      starting: { family: 'ipv4', server: 'dhcp4-1' },
    }
    expect(started(steps([starting, served6], { target, ports }))).toEqual(['port-serve'])
    expect(awaitsSuccessor(target, observation({ slots: [starting, served6], ports }))).toBe(true)
  })

  test('is the one that is to stand by, where that is on its way', () => {
    const starting: Slot = { ...slot(3), starting: { family: 'ipv4' } }
    expect(started(steps([starting, served6], { target, ports }))).toEqual(['port-serve'])
  })

  test('is led to when it is up, even where an edit has overtaken it, and then taken from ports', () => {
    const up: Slot = { ...slot(1, { config: 'older' }), isReady: true }
    const changes = steps([up, served6], { target, ports })
    expect(started(changes).slice(0, 3)).toEqual(['slot-open', 'server-switch', 'port-serve'])
    expect(changes).toContainEqual({ kind: 'port-serve', port, stale: expect.anything() })
  })

  test('in place of one that died leaves rules as they are; what is left of that one goes when requests go elsewhere', () => {
    const dead = slot(1, { config: 'now', state: 'dead' })
    const slots = [dead, served6]
    expect(steps(slots)).toEqual([{ ...first, slot: 3, builds: 'build' }])
    const up: Slot = { ...slot(3, { config: 'now' }), isReady: true }
    expect(started(steps([...slots, up]))).toEqual(['server-switch', 'server-retire'])
  })

  test('in place of one of another version does not end that', () => {
    const { serves: _, ...other } = slot(1, { config: 'other' }).kea as KeaProcess
    const slots = [{ ...slot(1), kea: other }, served6]
    expect(started(steps(slots))).toEqual(['server-prepare'])
  })
})

describe('one that is of no use is ended:', () => {
  const retired = (slots: readonly Slot[], given?: Given) =>
    steps(slots, given).flatMap(change => (change.kind === 'server-retire' ? [change.slot] : []))

  test('it does not answer', () => {
    expect(retired([...SERVING, slot(3, { spareFor: 'ipv4', state: 'silent' })])).toEqual([3])
  })

  test('it died', () => {
    expect(retired([...SERVING, slot(3, { spareFor: 'ipv4', state: 'dead' })])).toEqual([3])
  })

  test('its namespace is gone', () => {
    expect(retired([...SERVING, slot(3, { spareFor: 'ipv4' }, 'broken')])).toEqual([3])
  })

  test('there is another one', () => {
    expect(retired([...SERVING, ...SPARES, slot(5, { spareFor: 'ipv4' })])).toEqual([5])
  })

  test('its family is not served any more', () => {
    const only4 = { ...TARGET, servers: new Map([['dhcp4-1', [offer(100)]] as const]) }
    expect(retired([...SERVING, ...SPARES], { target: only4 })).toEqual([2, 4])
  })
})

test('one that does not answer is not told to serve', () => {
  const changes = steps([...SERVING, slot(3, { spareFor: 'ipv4', state: 'silent' })], { target: edited })
  expect(changes).not.toContainEqual(expect.objectContaining({ kind: 'server-start' }))
  expect(changes).toContainEqual({ kind: 'spare-start', slot: 4, builds: 'build', family: 'ipv4' })
})
