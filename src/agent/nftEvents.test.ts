import { beforeEach, describe, expect, test } from 'vitest'
import { NftEvents } from './nftEvents.ts'

const OURS = 100
const THEIRS = 200

let events: NftEvents
beforeEach(() => {
  events = new NftEvents('guestnet', 'guestnet.guard')
  events.own(OURS)
})

/** Whether a transaction, as `nft monitor` tells it, is taken for somebody else's change of our table. */
function isForeign(pid: number, ...changes: string[]): boolean {
  const lines = [...changes, `# new generation 7 by process ${pid} (nft)`]
  return lines.map(line => events.isForeign(line)).some(Boolean)
}

const ADD =
  'add chain netdev guestnet tap100i0 { type filter hook ingress device "tap100i0" priority -450; policy accept; }'
const DELETE = 'delete element netdev guestnet port_of { 0x5254009ecc1e }'

test('a change that guestnet made itself is no news', () => {
  expect(isForeign(OURS, ADD, DELETE)).toBe(false)
})

describe('a change by somebody else', () => {
  test.each([
    ADD,
    DELETE,
    'delete table netdev guestnet.guard',
    'delete table netdev guestnet',
    'flush chain netdev guestnet tap100i0',
  ])('of our table is news: %s', change => expect(isForeign(THEIRS, change)).toBe(true))

  test.each([
    'add rule netdev guestnet.guard2 tap100i0 accept',
    'add rule netdev guestnet2 tap100i0 accept',
    'add rule netdev guestnet-2 tap100i0 accept',
    'add rule inet proxmox-firewall guest-100-in accept',
    'add rule inet guestnet input accept',
  ])('of another table is none: %s', change => expect(isForeign(THEIRS, change)).toBe(false))

  test('of another table is none although our own change of ours came before', () => {
    isForeign(OURS, ADD)
    expect(isForeign(THEIRS, 'add rule inet filter input accept')).toBe(false)
  })

  test('is news in each of its transactions', () => {
    expect(isForeign(THEIRS, ADD)).toBe(true)
    expect(isForeign(OURS, ADD)).toBe(false)
    expect(isForeign(THEIRS, ADD)).toBe(true)
  })
})

test('events that were lost are news', () => {
  expect(events.isForeign('# ERROR: We lost some netlink events!')).toBe(true)
})

test('a table’s name is no pattern', () => {
  const dotted = new NftEvents('guest.net')
  dotted.isForeign('add rule netdev guestXnet tap100i0 accept')
  expect(dotted.isForeign('# new generation 7 by process 200 (nft)')).toBe(false)
})

test('of our own processes at least the last 32 are known', () => {
  for (let pid = 1000; pid < 1500; pid++) events.own(pid)
  for (let pid = 1468; pid < 1500; pid++) expect(isForeign(pid, ADD)).toBe(false)
})
