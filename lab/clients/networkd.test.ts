import { expect, test } from 'vitest'
import { secondsIn } from './networkd.ts'

test.each([
  ['3600', 3600],
  ['1h', 3600],
  ['52min 30s', 3150],
  ['1w 2d 3h 4min 5s', 788_645],
  ['', undefined],
  [undefined, undefined],
])('the lease time that networkd writes as %j is %j seconds', (text, seconds) => {
  expect(secondsIn(text)).toBe(seconds)
})

test('a unit that is not known is not passed over', () => {
  expect(secondsIn('1month 2d')).toBeNaN()
})
