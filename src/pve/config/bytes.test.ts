import { expect, test } from 'vitest'
import { textOf } from './bytes.ts'

test.each(['', 'name: web\n', 'é\u00a0€\u2028💠\ufffd', '\ud7ff\ue000\u{10ffff}'])(
  'UTF-8 is text as it is: %j',
  text => expect(textOf(Buffer.from(text))).toBe(text),
)

test.each([
  ['one byte among others', [0x61, 0xa0, 0x62], 'a\udca0b'],
  ['the beginning of a character', [0xc3, 0x0a], '\udcc3\n'],
  ['a character beside it', [0xc3, 0xa9, 0xff], 'é\udcff'],
  ['too long a way to write a character', [0xc0, 0x80], '\udcc0\udc80'],
  ['a surrogate', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
])('a byte that is no UTF-8 is not lost: %s', (_, bytes, text) =>
  expect(textOf(Buffer.from(bytes))).toBe(text),
)
