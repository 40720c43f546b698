import { describe, expect, test } from 'vitest'
import { parseVlans, withoutVlans } from './vlan.ts'

describe('VLANs are read as a NIC has them:', () => {
  test.each([
    ['5', ['5-5']],
    ['5;6;10-20', ['5-6', '10-20']],
    ['10-20;15-30;31', ['10-31']],
    ['30;2', ['2-2', '30-30']],
    ['0;4094;4095', ['4094-4094']],
    ['0-9999', ['1-4094']],
    ['20-10', []],
  ])('%s', (text, expected) => {
    expect(parseVlans(text).map(({ from, to }) => `${from}-${to}`)).toEqual(expected)
  })
})

test('VLANs are taken out of ranges, at their ends and within', () => {
  const rest = withoutVlans(parseVlans('5;10-20'), [5, 10, 15, 20, 99])
  expect(rest).toEqual([
    { from: 11, to: 14 },
    { from: 16, to: 19 },
  ])
})
