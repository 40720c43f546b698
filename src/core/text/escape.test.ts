import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shown, shownJson, shownLines } from './escape.ts'

/** Written out, so that the test does not ask the same tables as what it tests. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test.each([
  ['\x1b[31mred', '\\x1b[31mred'],
  ['\x7f\x9b', '\\x7f\\x9b'],
  ['a\r\nb\tc', 'a\\x0d\\x0ab\\x09c'],
  ['\u2028\u202eabc', '\\u2028\\u202eabc'],
  ['é 💠 “x” \\', 'é 💠 “x” \\'],
])('what acts on a terminal is written out, all else stays: %j', (text, expected) =>
  expect(shown(text)).toBe(expected),
)

test('lines and tabs of our own stay', () => expect(shownLines('a\tb\n\x1b\rc')).toBe('a\tb\n\\x1b\\x0dc'))

test('no text acts on a terminal, and escaping it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(shown(text)).not.toMatch(ACTIVE)
      expect(shown(shown(text))).toBe(shown(text))
    }),
  )
})

test('JSON means the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), value => {
      expect(shownJson(value)).not.toMatch(ACTIVE)
      expect(JSON.parse(shownJson(value))).toEqual(value)
    }),
  )
})
