import { describe, expect, test } from 'vitest'
import { readingOf, vm } from '../../test/builders.ts'
import { readingNews } from './readingNews.ts'

const VM = vm(100, [{ ip: '192.0.2.10/24', gw: '192.0.2.1' }], { name: 'web' })
const THERE = { ...VM, node: 'pve2' }
const EDITED = vm(100, [{ ip: '192.0.2.99/24', tag: 5 }], { name: 'web' })

type Given = Parameters<typeof readingOf>
const told = (before: Given, after: Given) =>
  readingNews(readingOf(...before), readingOf(...after)).map(({ kind, message }) => `${kind}: ${message}`)

describe('what was changed in the cluster is told:', () => {
  test.each<[string, Given, Given, string[]]>([
    ['nothing', [[VM]], [[{ ...VM }]], []],
    ['a guest that left', [[VM]], [[THERE]], ['migration: VM 100 web has moved from pve1 to pve2']],
    ['a guest that came', [[THERE]], [[VM]], ['migration: VM 100 web has moved from pve2 to pve1']],
    [
      'a guest that is new',
      [[]],
      [[VM]],
      ['configuration: VM 100 web is configured: net0 192.0.2.10/24 via 192.0.2.1 in vmbr0'],
    ],
    ['a guest that was destroyed', [[VM]], [[]], ['configuration: VM 100 web is not configured any more']],
    [
      'another address, another VLAN',
      [[VM]],
      [[EDITED]],
      [
        'configuration: VM 100 web is configured anew: net0 192.0.2.10/24 via 192.0.2.1 in vmbr0 → net0 192.0.2.99/24 in vmbr0 VLAN 5',
      ],
    ],
    ['a drain', [[]], [[], { drained: 'leaving' }], ['configuration: the node is being drained']],
  ])('%s', (_, before, after, expected) => expect(told(before, after)).toEqual(expected))
})

describe('nothing is told', () => {
  test.each<[string, Given, Given]>([
    ['of guests of other nodes', [[THERE]], [[{ ...EDITED, node: 'pve3' }]]],
    ['of a guest that cannot be read', [[VM]], [[], { unreadable: new Set([100]) }]],
    ['of a guest that could not be read before', [[], { unreadable: new Set([100]) }], [[VM]]],
    ['while the cluster cannot be read whole', [[VM]], [[], { complete: false }]],
    ['of what a whole reading shows after one that was not', [[], { complete: false }], [[VM]]],
  ])('%s', (_, before, after) => expect(told(before, after)).toEqual([]))
})
