import { expect, test } from 'vitest'
import { headerName, readKeyLine, sectionsOf } from './lines.ts'

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
  const sections = sectionsOf('a\n\n \t\r\nb\n[s]\nc', line => line === '[s]')
  expect(sections).toEqual([
    {
      header: undefined,
      lines: [
        { text: 'a', number: 1 },
        { text: 'b', number: 4 },
      ],
    },
    { header: { text: '[s]', number: 5 }, lines: [{ text: 'c', number: 6 }] },
  ])
})
