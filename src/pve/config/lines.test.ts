import { expect, test } from 'vitest'
import { cutSections, headerName, readKeyLine } from './lines.ts'

const KEYS = /^[a-z]+[0-9]*$/

test.each([
  ['name: web', 'name', 'web'],
  ['name:web', 'name', 'web'],
  ['name: \t web \r', 'name', 'web'],
  ['name: a: b', 'name', 'a: b'],
  ['name: ', 'name', ' '],
  ['name: \t', 'name', '\t'],
  ['name:\u00a0web', 'name', '\u00a0web'],
])('a key and its value are read without the ASCII blanks around them: %j', (line, key, value) =>
  expect(readKeyLine(line, KEYS)).toEqual({ key, value }),
)

test.each(['name:', ' name: web', 'name : web', 'Name: web', 'name', ''])(
  'a line that does not begin with a key, a colon and a value is none: %j',
  line => expect(readKeyLine(line, KEYS)).toBeUndefined(),
)

test.each([
  ['[snap1]', 'snap1'],
  ['[snap1] \r', 'snap1'],
  ['[]', ''],
  ['[a b]', 'a b'],
  [' [snap1]', undefined],
  ['[snap1] x', undefined],
  ['[snap1', undefined],
])('a header is what stands alone between brackets: %j', (line, name) => expect(headerName(line)).toBe(name))

test('lines keep their numbers when blank ones are left out', () => {
  const kindOf = (line: string) => (line === '[s]' ? 'kind' : undefined)
  expect(cutSections('a\n\n \t\r\nb\n[s]\nc\n[s]', kindOf)).toEqual({
    first: [
      { text: 'a', number: 1 },
      { text: 'b', number: 4 },
    ],
    sections: [
      { kind: 'kind', header: { text: '[s]', number: 5 }, lines: [{ text: 'c', number: 6 }] },
      { kind: 'kind', header: { text: '[s]', number: 7 }, lines: [] },
    ],
  })
})
