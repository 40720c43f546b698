import { expect, test } from 'vitest'
import { fitToShow } from './seen.ts'

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
