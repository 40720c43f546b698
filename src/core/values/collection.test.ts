import { expect, test } from 'vitest'
import { groupBy } from './collection.ts'

test('items with the same key come together, keys and items in the order of their appearance', () => {
  const groups = groupBy(['bear', 'ant', 'bee', 'ape'], word => word[0])
  expect([...groups]).toEqual([
    ['b', ['bear', 'bee']],
    ['a', ['ant', 'ape']],
  ])
})
