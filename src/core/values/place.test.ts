import { expect, test } from 'vitest'
import { describePlace, isLoopback, parsePlace } from './place.ts'

test.each(['127.0.0.1:8067', '[::1]:8067', '[2001:db8::1]:443'])('%s is a place', text => {
  const place = parsePlace(text)
  expect(place && describePlace(place)).toBe(text)
})

test.each([
  '8067',
  'localhost:8067',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '::1:8067',
  '[127.0.0.1]:80',
])('%s is none', text => expect(parsePlace(text)).toBeUndefined())

test('who can be reached from elsewhere is not loopback', () => {
  const isLocal = (text: string) => isLoopback(parsePlace(text) ?? { address: '', port: 0 })
  expect(['127.0.0.1:1', '[::1]:1', '127.9.9.9:1'].filter(isLocal)).toHaveLength(3)
  expect(['0.0.0.0:1', '[::]:1', '192.0.2.1:1'].filter(isLocal)).toEqual([])
})
