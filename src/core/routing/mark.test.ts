import { expect, test } from 'vitest'
import { isMark, markOf } from './mark.ts'

test('the usual instance has the mark it always had', () => expect(markOf('guestnet')).toBe(103))

test('another name has another mark, always the same, in the documented range', () => {
  const marks = Array.from({ length: 500 }, (_, number) => markOf(`instance${number}`))
  expect(marks).toEqual(marks.map((_, number) => markOf(`instance${number}`)))
  expect(Math.min(...marks)).toBeGreaterThanOrEqual(104)
  expect(Math.max(...marks)).toBeLessThanOrEqual(183)
  expect(new Set(marks).size).toBeGreaterThan(60)
})

test.each([2, 3, 4, 9, 12, 42, 102, 184, 186])('protocol %i is nobody’s mark of these', protocol =>
  expect(isMark(protocol)).toBe(false),
)
