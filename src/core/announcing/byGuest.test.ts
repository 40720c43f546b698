import { expect, test } from 'vitest'
import { vmidOf } from '../../../test/builders.ts'
import { prefixOf } from '../../../test/routings.ts'
import type { Announcement } from './announcement.ts'
import { bothOf, byGuest, listOfGuests } from './byGuest.ts'

function announcement(prefix: string, vmid: number): Announcement {
  return {
    prefix: prefixOf(prefix),
    vmid: vmidOf(vmid),
    device: 'vmbr0',
    communities: [],
    since: 1_800_000_000,
  }
}

const [ONE, TWO, OTHER] = [
  announcement('203.0.113.10/32', 100),
  announcement('203.0.113.64/28', 100),
  announcement('203.0.113.11/32', 101),
] as const

test('a list that was put together is taken apart as it was', () => {
  const groups = new Map([
    [ONE.vmid, [ONE, TWO]],
    [OTHER.vmid, [OTHER]],
  ])
  const list = listOfGuests()(groups)
  expect(list).toEqual([ONE, TWO, OTHER])
  expect(byGuest(list)).toBe(groups)
  expect(byGuest([TWO, OTHER, ONE])).toEqual(
    new Map([
      [ONE.vmid, [TWO, ONE]],
      [OTHER.vmid, [OTHER]],
    ]),
  )
})

test('what is put together is the same list while each guest’s is', () => {
  const put = listOfGuests()
  const [own, others] = [[ONE], [OTHER]]
  const lists = (first: readonly Announcement[]) =>
    new Map([
      [ONE.vmid, first],
      [OTHER.vmid, others],
    ])
  expect(put(lists(own))).toBe(put(lists(own)))
  expect(put(lists([TWO]))).toEqual([TWO, OTHER])
})

test('of two lists a guest has what either has of it', () => {
  const own = [OTHER]
  const all = byGuest(bothOf([ONE, ...own], [TWO]))
  expect(all.get(ONE.vmid)).toEqual([ONE, TWO])
  expect(all.get(OTHER.vmid)).toEqual(own)
})
