import { beforeEach, expect, test } from 'vitest'
import { Doubts } from './doubts.ts'
import type { RingReason } from './ringReason.ts'

let isComplete: boolean
let areCountersRead: boolean
let doubts: Doubts
beforeEach(() => {
  isComplete = true
  areCountersRead = false
  doubts = new Doubts({ isComplete: async () => isComplete, areCountersRead: () => areCountersRead })
})

const EVERYTHING = ['forwarding', 'guard', 'links', 'ports', 'routing']
const after = async (...reasons: RingReason[]) => [...(await doubts.after(reasons))].toSorted()

test('at the look each minute nftables is not listed where the kernel counted no change that was not told', async () => {
  expect(await after('timer')).toEqual(['forwarding', 'links', 'routing'])
  expect(await after('timer', 'link')).toEqual(['forwarding', 'links', 'routing'])
})

test('it is where one was made that was not told', async () => {
  isComplete = false
  expect(await after('timer')).toEqual(EVERYTHING)
})

test('it is where somebody reads counters, which grow without a change', async () => {
  areCountersRead = true
  expect(await after('timer')).toEqual(EVERYTHING)
})

test('it is every ten minutes in any case: what guestnet remembers of its own changes may be wrong', async () => {
  for (let minute = 1; minute < 10; minute++) expect(await after('timer')).not.toContain('ports')
  expect(await after('timer')).toEqual(EVERYTHING)
  expect(await after('timer')).not.toContain('ports')
})

test.each<RingReason>(['start', 'health', 'monitor begun', 'monitor gap', 'look failed'])(
  'it is when something else rings for everything: %s',
  async reason => expect(await after('timer', reason)).toEqual(EVERYTHING),
)

test('a change by somebody else that was told is looked at as before', async () => {
  expect(await after('timer', 'nftables')).toEqual(EVERYTHING)
  expect(await after('nftables')).toEqual(['guard', 'ports'])
})
