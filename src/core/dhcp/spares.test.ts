import { describe, expect, test } from 'vitest'
import { observation, offer, offer6, slot, slotLink, table } from '../../../test/builders.ts'
import type { DhcpChange } from './change.ts'
import { diffDhcp } from './diff.ts'
import type { Slot } from './observation.ts'
import { awaitsSuccessor } from './placement.ts'
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
  startsSpares: true,
  complete: true,
}

const SERVING = [slot(1, { config: 'now' }), slot(2, { server: 'dhcp6-1', config: 'now' })]
const SPARES = [slot(3, { spareFor: 'ipv4', pid: 33 }), slot(4, { spareFor: 'ipv6', pid: 44 })]

const SWITCHED = table({
  switches: new Map([
    ['dhcp4-1', slotLink(1)],
    ['dhcp6-1', slotLink(2)],
  ]),
  open: new Set([1, 2, 3, 4].map(slotLink)),
})

function steps(slots: readonly Slot[], { target = TARGET, ...given }: Given = {}) {
  return diffDhcp(target, observation({ slots, ports: SWITCHED, ...given }), slotLink)
}

interface Given {
  readonly target?: DhcpTarget
  readonly spareFailed?: ReadonlySet<'ipv4' | 'ipv6'>
}

const edited = { ...TARGET, configs: new Map([...TARGET.configs, ['dhcp4-1', 'edited'] as const]) }

test('each family that is served has one, in a slot of its own, to which the way is open already', () => {
  expect(steps(SERVING)).toEqual([
    { kind: 'slot-create', slot: 3, repair: false },
    { kind: 'slot-open', slot: 3, link: slotLink(3) },
    { kind: 'spare-start', slot: 3, family: 'ipv4' },
    { kind: 'slot-create', slot: 4, repair: false },
    { kind: 'slot-open', slot: 4, link: slotLink(4) },
    { kind: 'spare-start', slot: 4, family: 'ipv6' },
  ])
  expect(steps([...SERVING, ...SPARES])).toEqual([])
})

test('slots that are ready are used first', () => {
  expect(steps([...SERVING, slot(3), slot(7)])).toEqual([
    { kind: 'spare-start', slot: 3, family: 'ipv4' },
    { kind: 'slot-open', slot: 7, link: slotLink(7) },
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
      { kind: 'slot-open', slot: 5, link: slotLink(5) },
      { kind: 'spare-start', slot: 5, family: 'ipv4' },
    ]
    expect(steps([...slots, slot(5)], { target: edited })).toEqual([...switched, ...next])
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

  test('waits for nothing where nobody serves: one takes over at once', () => {
    const slots = [slot(1, { config: 'now', state: 'silent' }), SERVING[1] as Slot, ...SPARES]
    expect(steps(slots, { target: edited })).toEqual([
      { kind: 'server-start', server: 'dhcp4-1', slot: 3, config: 'edited', offers: [offer(100)], spare: 33 },
      { kind: 'server-switch', server: 'dhcp4-1', slot: 3, link: slotLink(3) },
      { kind: 'server-retire', slot: 1, pid: 1001, successor: 3 },
    ])
  })
})

describe('none is started', () => {
  test('where no agent runs, which would make use of it; those that are there stay', () => {
    const target = { ...TARGET, startsSpares: false }
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
    expect(steps([...SERVING, { ...slot(3), starting: 'ipv4' }, SPARES[1] as Slot])).toEqual([])
  })

  test('a short while after one did not come up', () => {
    expect(steps(SERVING, { spareFailed: new Set(['ipv4', 'ipv6']) })).toEqual([])
  })

  test('where nothing is served', () => {
    const nothing = { ...TARGET, servers: new Map(), configs: new Map() }
    expect(steps([], { target: nothing }).map(({ kind }) => kind)).not.toContain('spare-start')
  })
})

describe('an edit that finds none', () => {
  const spare6 = SPARES[1] as Slot
  const started = (steps: readonly DhcpChange[]) => steps.map(({ kind }) => kind)

  test('waits for one, which is started at once, and the former Kea goes on', () => {
    expect(steps([...SERVING, spare6], { target: edited })).toEqual([
      { kind: 'slot-create', slot: 3, repair: false },
      { kind: 'slot-open', slot: 3, link: slotLink(3) },
      { kind: 'spare-start', slot: 3, family: 'ipv4' },
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
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'server-start', server: 'dhcp6-1' }))
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'spare-start', family: 'ipv4' }))
  })

  test('starts no other while one is being started', () => {
    const slots = [...SERVING, { ...slot(3), starting: 'ipv4' as const }, spare6]
    expect(steps(slots, { target: edited })).toEqual([])
  })

  test.each<[string, readonly Slot[], Given]>([
    ['a short while after one did not come up', SERVING, { spareFailed: new Set(['ipv4']) }],
    ['where no agent runs', SERVING, { target: { ...edited, startsSpares: false } }],
    ['where nobody serves', [slot(1, { config: 'now', state: 'silent' }), SERVING[1] as Slot], {}],
  ])('starts a Kea itself %s', (_, slots, given) => {
    const changes = steps([...slots, spare6], { target: edited, ...given })
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'server-start', config: 'edited' }))
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
  expect(changes).toContainEqual({ kind: 'spare-start', slot: 4, family: 'ipv4' })
})
