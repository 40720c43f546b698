import { expect, test } from 'vitest'
import { SightingsMemory } from './sightings.ts'

const NOTHING = { records: new Map(), running: [], inUse: [], open: [], quorate: true }

function memory() {
  let now = 1000
  return {
    sightings: new SightingsMemory(() => now),
    pass: (seconds: number) => {
      now += seconds
    },
  }
}

test('what was seen is remembered by when it was last seen', () => {
  const { sightings, pass } = memory()
  sightings.note({ ...NOTHING, running: [100], inUse: ['lease'] })
  pass(5)
  sightings.note({ ...NOTHING, running: [100] })
  pass(5)
  expect(sightings.lastSeen(100)).toBe(1005)
  expect(sightings.lastInUse('lease')).toBe(1000)
  expect(sightings.lastSeen(101)).toBeUndefined()
})

test('what is open is open since it was first seen so, and anew after it was settled', () => {
  const { sightings, pass } = memory()
  sightings.note({ ...NOTHING, open: ['a place'] })
  pass(7)
  sightings.note({ ...NOTHING, open: ['a place'] })
  expect(sightings.openSince('a place')).toBe(1000)
  sightings.note(NOTHING)
  pass(1)
  sightings.note({ ...NOTHING, open: ['a place'] })
  expect(sightings.openSince('a place')).toBe(1008)
})

test('the time without a quorum, in which nobody could write, does not count', () => {
  const { sightings, pass } = memory()
  sightings.note({ ...NOTHING, open: ['a place'] })
  pass(60)
  sightings.note({ ...NOTHING, open: ['a place'], quorate: false })
  pass(1)
  sightings.note({ ...NOTHING, open: ['a place'] })
  expect(sightings.openSince('a place')).toBe(1060)
})
