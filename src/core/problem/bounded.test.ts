import { expect, test } from 'vitest'
import { bounded } from './bounded.ts'
import type { Problem } from './problem.ts'

function problem(number: number, vmid?: number): Problem {
  return {
    code: 'nameserver-unusable',
    message: `number ${number}`,
    ...(vmid !== undefined && { vmid }),
  }
}

function many(count: number, vmid?: number): Problem[] {
  return Array.from({ length: count }, (_, number) => problem(number, vmid))
}

test('of a guest’s problems the first eight are told, and how many more there are', () => {
  const told = bounded(many(100_000, 100))
  expect(told.slice(0, 8)).toEqual(many(8, 100))
  expect(told.slice(8)).toMatchObject([{ code: 'more-problems', vmid: 100 }])
  expect(told[8]?.message).toContain('99992 more problems')
})

test('what one guest has takes nothing from another, nor from the node', () => {
  const told = bounded([...many(50, 100), problem(1, 101), ...many(50)])
  expect(told).toContainEqual(problem(1, 101))
  expect(told.filter(({ vmid }) => vmid === undefined)).toEqual(many(50))
})

test('what is said twice is told once and counts once', () => {
  expect(bounded([problem(1, 100), problem(1, 100)])).toEqual([problem(1, 100)])
  expect(bounded([...many(8, 100), ...many(8, 100)])).toEqual(many(8, 100))
})

test('a count made before stays beside the problems', () => {
  const before = bounded(many(20, 100))
  expect(bounded(before)).toEqual(before)
})
