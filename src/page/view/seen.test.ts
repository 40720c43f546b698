import { expect, test } from 'vitest'
import { fitToShow, fromJson } from './seen.ts'

test('what acts on its surroundings is shown as its escape, wherever it is', () => {
  const told = { name: 'a\u202eb', list: ['\u0007', { deep: 'x\ny' }], number: 5, flag: true, nothing: null }
  expect(fitToShow(told)).toEqual({
    name: 'a\\u202eb',
    list: ['\\x07', { deep: 'x\\x0ay' }],
    number: 5,
    flag: true,
    nothing: null,
  })
})

test.each([
  ['plain', 'VM 100 "web" is C:\\\\new'],
  ['turned', 'a\u202eb'],
  ['with lines', 'a\nb'],
  ['with an escape', '\u0007'],
  ['beyond ASCII', 'Büro é'],
])('a text that is %s is the same by its JSON', (_, text) => {
  const value = { [text]: [text] }
  expect(fromJson(JSON.stringify(value))).toEqual(fitToShow(value))
})
