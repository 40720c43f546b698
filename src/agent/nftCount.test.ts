import { beforeEach, expect, test } from 'vitest'
import { NftCount } from './nftCount.ts'

let kernel: number | undefined
let count: NftCount
beforeEach(async () => {
  kernel = 7
  count = new NftCount(async () => kernel)
  await count.isComplete()
})

const line = (generation: number) => `# new generation ${generation} by process 200 (nft)`

test('at the first look nothing is known', async () => {
  expect(await new NftCount(async () => 7).isComplete()).toBe(false)
})

test('nothing has happened', async () => {
  expect(await count.isComplete()).toBe(true)
  expect(await count.isComplete()).toBe(true)
})

test('all that happened was told', async () => {
  kernel = 9
  for (const told of ['add table netdev other', line(8), 'delete table netdev other', line(9)])
    count.told(told)
  expect(await count.isComplete()).toBe(true)
})

test.each([
  ['the last change was not told', [8]],
  ['a change in between was not told', [9]],
  ['no change was told', []],
])('%s', async (_, told) => {
  kernel = 9
  for (const generation of told) count.told(line(generation))
  expect(await count.isComplete()).toBe(false)
  // By then it has been looked at.
  expect(await count.isComplete()).toBe(true)
})

test('what is told late was seen by the look before', async () => {
  kernel = 9
  await count.isComplete()
  count.told(line(8))
  count.told(line(9))
  expect(await count.isComplete()).toBe(true)
})

test('a kernel that does not say leaves everything to be looked at', async () => {
  kernel = undefined
  expect(await count.isComplete()).toBe(false)
  expect(await count.isComplete()).toBe(false)
})
