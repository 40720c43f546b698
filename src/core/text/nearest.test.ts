import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const KEYS = ['enabled', 'lease', 'exclude', 'only', 'boot']

test.each([
  ['leas', 'lease'],
  ['Lease', 'lease'],
  ['exlcude', 'exclude'],
  ['onyl', 'only'],
  ['boots', 'boot'],
])('%s suggests %s', (word, meant) => expect(nearest(word, KEYS)).toBe(meant))

test.each(['colour', 'x', '', 'enabledenabled'])('%j suggests nothing', word => {
  expect(nearest(word, KEYS)).toBeUndefined()
})
