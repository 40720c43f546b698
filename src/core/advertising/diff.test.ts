import { describe, expect, test } from 'vitest'
import { advertisement, NO_ADVERTISER } from '../../../test/builders.ts'
import { awaitsAdvertiser, diffAdvertising } from './diff.ts'
import type { AdvertisingObservation, ObservedAdvertiser } from './observation.ts'

const LINK = 'guestnet-ra'
const TARGET = { advertisements: [advertisement(100)], table: 'new' }
const NOBODY = { advertisements: [], table: '' }
const ANSWERING = { state: 'answering', pid: 7, isCurrent: true, table: 'new', advertisements: [] } as const

function changes(
  target: typeof TARGET,
  advertiser: ObservedAdvertiser,
  { isUp = true, ways = [LINK] as readonly string[] } = {},
) {
  const seen = { ...NO_ADVERTISER, advertiser, link: { name: LINK, isUp } }
  return diffAdvertising(target, seen, ways[0]).map(({ kind }) => kind)
}

describe('with somebody to tell', () => {
  const restart = ['advertiser-start', 'solicitations-open']

  test.each<[string, ObservedAdvertiser, string[]]>([
    ['nothing is done where all is as it should be', ANSWERING, []],
    ['what is told changes by itself', { ...ANSWERING, table: 'old' }, ['advertiser-tell']],
    ['one of another version is replaced', { ...ANSWERING, isCurrent: false }, restart],
    ['one that does not answer is replaced', { state: 'silent', pid: 7 }, restart],
    ['one that is gone is replaced', { state: 'absent', wasThere: true }, restart],
  ])('%s', (_, advertiser, expected) => expect(changes(TARGET, advertiser)).toEqual(expected))

  test('one whose link is broken is replaced', () => {
    expect(changes(TARGET, ANSWERING, { isUp: false })).toEqual(restart)
  })

  test.each<[string, string[]]>([
    ['is not there', []],
    ['is broken', ['']],
    ['leads elsewhere', ['another']],
  ])('a way to it that %s is made', (_, ways) =>
    expect(changes(TARGET, ANSWERING, { ways })).toEqual(['solicitations-open']),
  )
})

describe('with an agent, whose next run makes use of it', () => {
  const target = { ...TARGET, inBackground: true }
  const gone = { state: 'absent', wasThere: false } as const
  const failure = { what: 'start the advertiser', why: 'no memory' }
  const awaits = (seen: Partial<AdvertisingObservation>) =>
    awaitsAdvertiser(target, { ...NO_ADVERTISER, link: { name: LINK, isUp: true }, ...seen })

  test('one is started in the background, and solicitations are taken to it when it answers', () => {
    const seen = { ...NO_ADVERTISER, advertiser: gone, link: { name: LINK, isUp: false } }
    expect(diffAdvertising(target, seen, undefined)).toEqual([
      { kind: 'advertiser-start', guests: 1, inBackground: true },
    ])
    expect(changes(target, { state: 'starting' })).toEqual([])
    expect(changes(target, ANSWERING, { ways: [] })).toEqual(['solicitations-open'])
    expect(
      [gone, { state: 'starting' } as const, ANSWERING].map(advertiser => awaits({ advertiser })),
    ).toEqual([true, true, false])
  })

  test('one that did not come up is let be for a moment', () => {
    const resting = {
      ...NO_ADVERTISER,
      advertiser: gone,
      startFailure: { ...failure, rests: 'all' } as const,
    }
    expect(diffAdvertising(target, resting, undefined)).toEqual([])
    expect(awaits(resting)).toBe(false)
    expect(diffAdvertising(target, { ...resting, startFailure: failure }, undefined)).toHaveLength(1)
  })
})

describe('with nobody to tell', () => {
  test('it ends, and nothing is taken any more', () => {
    expect(changes(NOBODY, ANSWERING)).toEqual(['advertiser-stop', 'solicitations-close'])
  })

  test('what a dead one left is removed', () => {
    expect(changes(NOBODY, { state: 'absent', wasThere: true }, { ways: [''] })).toEqual([
      'advertiser-stop',
      'solicitations-close',
    ])
  })

  test('nothing is done on a node that never had one', () => {
    expect(diffAdvertising(NOBODY, NO_ADVERTISER, undefined)).toEqual([])
  })
})
