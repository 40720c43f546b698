import { describe, expect, test } from 'vitest'
import { contend } from './contend.ts'

interface Wish {
  readonly vmid: number
  readonly nic: number
  readonly strength: number
  readonly places: readonly string[]
}

function wish(vmid: number, places: string, given: Partial<Wish> = {}): Wish {
  return { vmid, nic: 0, strength: 0, places: places.split(' '), ...given }
}

const contest = (...wishes: readonly Wish[]) =>
  contend(
    wishes,
    ({ strength }) => strength,
    ({ places }) => places,
  )

/** Every order in which a few can come. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map(rest => [item, ...rest]))
}

describe('of two that want the same place it is held by', () => {
  test.each<[string, Wish, Wish]>([
    ['the stronger one', wish(200, 'x', { strength: 1 }), wish(100, 'x')],
    ['the lower VMID of two that are equally strong', wish(100, 'x'), wish(200, 'x')],
    ['the lower NIC of one guest', wish(100, 'x'), wish(100, 'x', { nic: 1 })],
  ])('%s, in whatever order they come', (_, holder, rival) => {
    for (const both of orders([holder, rival])) {
      expect(contest(...both)).toMatchObject({ held: [holder], lost: [{ claim: rival, holder, place: 'x' }] })
    }
  })
})

test('those that want different places do not contradict each other', () => {
  const wishes = [wish(100, 'x a'), wish(200, 'y b')]
  expect(contest(...wishes)).toMatchObject({ held: wishes, lost: [] })
})

test('of three that want one place two lose, both to the one that holds it', () => {
  const { held, lost } = contest(wish(300, 'x'), wish(200, 'x'), wish(100, 'x'))
  expect(held.map(({ vmid }) => vmid)).toEqual([100])
  expect(lost.map(({ claim, holder }) => [claim.vmid, holder.vmid])).toEqual([
    [200, 100],
    [300, 100],
  ])
})

test('a place that a NIC has, it may have again', () => {
  const both = [wish(100, 'x a'), wish(100, 'y a')]
  expect(contest(...both, wish(200, 'z a')).held).toEqual(both)
})

test('who cannot have one of its places leaves the others to those that come after it', () => {
  const [strong, torn, weak] = [
    wish(300, 'a', { strength: 2 }),
    wish(100, 'x a', { strength: 1 }),
    wish(200, 'x'),
  ]
  for (const order of orders([strong, torn, weak])) {
    const { held, lost } = contest(...order)
    expect(held.toSorted((a, b) => b.strength - a.strength)).toEqual([strong, weak])
    expect(lost).toEqual([{ claim: torn, holder: strong, place: 'a' }])
  }
})
