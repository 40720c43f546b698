import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { announceObservation, linksOf, observation, readingOf, vm } from '../../test/builders.ts'
import { markedRoute, NOTHING_OBSERVED, routeTo } from '../../test/routings.ts'
import { birdPaths } from '../bird/paths.ts'
import { intend } from '../core/intent.ts'
import type { Observation } from '../core/observation.ts'
import { targetOf } from '../cycle/cycle.ts'
import { differencesOf, UnheardChanges } from './unheard.ts'

const READING = readingOf([vm(100, [{ ip: '192.0.2.10/24' }])])

/** A run that found this, and left nothing to do. */
function runThat(seen: Partial<Observation>, provisional = false) {
  const found = observation(seen)
  return {
    observation: found,
    target: targetOf(intend(READING, found), READING, birdPaths('/run/guestnet')),
    provisional,
  }
}

const QUIET = { links: linksOf('vmbr0'), announcing: announceObservation({}) }
const STRAY = {
  ...QUIET,
  announcing: announceObservation({
    routing: { ...NOTHING_OBSERVED, routes: [markedRoute(routeTo('203.0.113.99/32'))] },
  }),
}

describe('what a look finds another way than it was left', () => {
  test('is nothing where nobody did anything', () => {
    expect(differencesOf(runThat(QUIET), runThat(QUIET), 'guestnet')).toEqual([])
  })

  test('is what has to be put right', () => {
    expect(differencesOf(runThat(QUIET), runThat(STRAY), 'guestnet')).toEqual([
      'remove route 203.0.113.99/32 from table 100',
    ])
  })

  test.each([
    ['that came', ['vmbr0'], ['vmbr0', 'vmbr1'], ['the link vmbr1']],
    ['that went', ['vmbr0', 'vmbr1'], ['vmbr0'], ['the link vmbr1, gone']],
    ['between a port and its bridge', ['vmbr0'], ['vmbr0', 'fwbr100i0'], []],
  ])('is a link %s', (_, before, after, expected) => {
    const [former, found] = [before, after].map(names => runThat({ ...QUIET, links: linksOf(...names) }))
    if (!former || !found) throw new Error('there are two')
    expect(differencesOf(former, found, 'guestnet')).toEqual(expected)
  })

  test('is not known after a run that left something for later', () => {
    expect(differencesOf(runThat(QUIET, true), runThat(STRAY), 'guestnet')).toEqual([])
  })
})

describe('a difference', () => {
  let heardAt: number
  let told: number
  let unheard: UnheardChanges
  beforeEach(() => {
    vi.useFakeTimers()
    heardAt = 0
    told = 0
    unheard = new UnheardChanges({ name: 'guestnet', heardAt: () => heardAt, tell: () => told++ })
  })
  afterEach(() => {
    unheard.stop()
    vi.useRealTimers()
  })

  test('that nothing told of is a problem, until a full look finds none', () => {
    unheard.note(runThat(QUIET), runThat(STRAY), 60_000)
    expect(unheard.problem).toBeUndefined()
    vi.advanceTimersByTime(2000)
    expect(told).toBe(1)
    expect(unheard.problem).toMatchObject({
      code: 'change-unheard',
      message: expect.stringContaining('remove route 203.0.113.99/32 from table 100'),
    })
    unheard.note(runThat(QUIET), runThat(QUIET), 120_000)
    expect(unheard.problem).toBeUndefined()
  })

  test.each([
    ['just before the look', 59_900],
    ['just after it', 60_400],
  ])('is none where something was heard %s', (_, at) => {
    unheard.note(runThat(QUIET), runThat(STRAY), 60_000)
    heardAt = at
    vi.advanceTimersByTime(2000)
    expect([told, unheard.problem]).toEqual([0, undefined])
  })
})
