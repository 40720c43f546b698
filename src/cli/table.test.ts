import { expect, test } from 'vitest'
import { table } from './table.ts'

test('columns are as wide as what is widest in them', () => {
  expect(
    table([
      ['VM', 'state'],
      ['100', 'served'],
      ['1000', ''],
    ]),
  ).toBe('VM    state\n100   served\n1000')
})

test('there may be any number of rows', () => {
  const rows = Array.from({ length: 300_000 }, () => ['100', 'served'])
  expect(table(rows)).toHaveLength(300_000 * '100  served\n'.length - 1)
})
