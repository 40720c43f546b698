import { expect, test } from 'vitest'
import {
  asKnown,
  canonical,
  isSameList,
  listAsBefore,
  memoOf,
  memoOfEach,
  memoOfLast,
  memoOfText,
} from './memo.ts'

test('of a text: computed once, until what is remembered is full', () => {
  const computed: string[] = []
  const lengthOf = memoOfText((text: string) => {
    computed.push(text)
    return text.length
  }, 2)
  expect(['a', 'bb', 'a', 'ccc', 'a'].map(lengthOf)).toEqual([1, 2, 1, 3, 1])
  expect(computed).toEqual(['a', 'bb', 'ccc', 'a'])
})

test('of a value: computed once for each', () => {
  let computed = 0
  const sizeOf = memoOf((list: readonly number[]) => {
    computed++
    return list.length
  })
  const list = [1, 2]
  expect([sizeOf(list), sizeOf(list), sizeOf([1, 2])]).toEqual([2, 2, 2])
  expect(computed).toBe(2)
})

test('of a value and more: computed anew where that is another, for each value by itself', () => {
  let computed = 0
  const scaled = memoOfEach((list: readonly number[], factor: number) => {
    computed++
    return list.map(number => number * factor)
  })
  const [one, other] = [[1], [2]]
  expect([scaled(one, 2), scaled(other, 3), scaled(one, 2)]).toEqual([[2], [6], [2]])
  expect(computed).toBe(2)
  expect(scaled(one, 2)).toBe(scaled(one, 2))
  expect(scaled(one, 3)).toEqual([3])
  expect(computed).toBe(3)
})

test('of the last arguments: by identity, of all that the answer depends on', () => {
  let computed = 0
  const sum = memoOfLast(
    (list: readonly number[], factor: number) => {
      computed++
      return list.reduce((a, b) => a + b, 0) * factor
    },
    (list, factor) => [...list, factor],
  )
  expect([sum([1, 2], 2), sum([1, 2], 2), sum([1, 2], 3), sum([2, 1], 3)]).toEqual([6, 6, 9, 9])
  expect(computed).toBe(3)
})

test('of equal values there is one, the first, until what is remembered is full', () => {
  const one = canonical(({ n }: { n: number }) => String(n), 2)
  const first = { n: 1 }
  expect(one(first)).toBe(first)
  expect(one({ n: 1 })).toBe(first)
  const others = [{ n: 2 }, { n: 3 }]
  expect(others.map(one)).toEqual(others)
  const anew = { n: 1 }
  expect(one(anew)).toBe(anew)
})

test('lists are the same by their items', () => {
  const item = {}
  expect(isSameList([item, 1], [item, 1])).toBe(true)
  expect(isSameList([item], [{}])).toBe(false)
  expect(isSameList([], [undefined])).toBe(false)
})

test('a list with the items of the one before is that one', () => {
  const asBefore = listAsBefore<object>()
  const [a, b] = [{}, {}]
  const list = asBefore([a, b])
  expect(asBefore([a, b])).toBe(list)
  const turned = asBefore([b, a])
  expect(turned).toEqual([b, a])
  expect(turned).not.toBe(list)
})

test('what is read anew is what was known where it is equal, and all of it where all is', () => {
  const isEqual = (a: { n: number }, b: { n: number }) => a.n === b.n
  const known = new Map([
    ['a', { n: 1 }],
    ['b', { n: 2 }],
  ])
  const copy = () => new Map([...known].map(([key, value]) => [key, { ...value }]))
  expect(asKnown(copy(), known, isEqual)).toBe(known)
  expect(asKnown(copy(), undefined, isEqual)).toEqual(known)
  const changed = asKnown(copy().set('b', { n: 3 }), known, isEqual)
  expect(changed).toEqual(new Map([...known, ['b', { n: 3 }]]))
  expect(changed.get('a')).toBe(known.get('a'))
  const fewer = new Map([['a', { n: 1 }]])
  expect(asKnown(fewer, known, isEqual)).toEqual(fewer)
})
