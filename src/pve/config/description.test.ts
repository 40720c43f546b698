import { expect, test } from 'vitest'
import { decodeNotes } from './description.ts'

const hash = (text: string, line: number) => ({ text, line, endsLine: true })
const legacy = (text: string, line: number) => ({ text, line, endsLine: false })

test('a # line is a line of the Notes, percent-decoded, its first blank kept', () => {
  expect(decodeNotes([hash(' hello%20world', 1), hash('%E4%B8%AD%25', 2)])).toEqual([
    { text: ' hello world', line: 1 },
    { text: '中%', line: 2 },
  ])
})

test('a line break inside a line gives lines of the same place', () => {
  expect(decodeNotes([hash('a%0Ab', 3)])).toEqual([
    { text: 'a', line: 3 },
    { text: 'b', line: 3 },
  ])
})

test('what follows the old description key goes on where that ends', () => {
  expect(decodeNotes([legacy('old%0Asty', 1), hash('le', 2), hash('next', 3)])).toEqual([
    { text: 'old', line: 1 },
    { text: 'style', line: 1 },
    { text: 'next', line: 3 },
  ])
})

test('a percent sign that encodes nothing stays, and bytes that are no text are marked', () => {
  expect(decodeNotes([hash('100%zz%', 1), hash('%ff', 2)])).toEqual([
    { text: '100%zz%', line: 1 },
    { text: '\ufffd', line: 2 },
  ])
})

test('carriage returns and blanks at the end are dropped, blank lines between are not', () => {
  expect(decodeNotes([hash('a \r', 1), hash('', 2), hash('b  ', 3), hash(' ', 4)])).toEqual([
    { text: 'a ', line: 1 },
    { text: '', line: 2 },
    { text: 'b', line: 3 },
  ])
})

test('no pieces are no Notes', () => expect(decodeNotes([])).toEqual([]))

test('no number of lines is too many', () => {
  expect(decodeNotes([hash(`${'%0A'.repeat(300_000)}end`, 1)])).toHaveLength(300_001)
})
