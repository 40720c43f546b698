import { expect, test } from 'vitest'
import { parseBatchErrors } from './ipBatch.ts'

test('each failure is told with its line', () => {
  const stderr = `Cannot find device "nope"
Command failed -:1
Error: Device for nexthop is not up.
Command failed -:3`
  expect(parseBatchErrors(stderr)).toEqual({
    failures: new Map([
      [0, 'Cannot find device "nope"'],
      [2, 'Error: Device for nexthop is not up.'],
    ]),
    rest: '',
  })
})

test('where ip gives up, what it says belongs to no line', () => {
  const stderr = `Cannot find device "nope"
Command failed -:1
Error: either "local" is duplicate, or "proto" is a garbage.`
  expect(parseBatchErrors(stderr)).toEqual({
    failures: new Map([[0, 'Cannot find device "nope"']]),
    rest: 'Error: either "local" is duplicate, or "proto" is a garbage.',
  })
})
