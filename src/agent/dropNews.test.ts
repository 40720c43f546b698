import { expect, test } from 'vitest'
import type { Drop } from '../core/guard/drop.ts'
import type { GuardReport } from '../core/report/guarding.ts'
import { DropNewsFinder } from './dropNews.ts'

const ARP: Drop = { reason: 'arp', packets: 1, sample: '192.0.2.1' }

function guard(count: number): GuardReport {
  const ports = Array.from({ length: count }, (_, index) => ({
    type: 'qemu' as const,
    vmid: 100 + index,
    nic: 0,
    link: `tap${100 + index}i0`,
    state: 'guarded' as const,
    ipv4: 'own' as const,
    ipv6: 'own' as const,
    drops: [],
  }))
  return { mode: 'on', ports }
}

function dropsOf(...vmids: readonly number[]) {
  return new Map(vmids.map(vmid => [`tap${vmid}i0`, [ARP]]))
}

test('the first drop of a kind at a port is news, further ones are not', () => {
  const finder = new DropNewsFinder()
  expect(finder.note(new Map(), guard(2), 0)).toEqual([])
  expect(finder.note(dropsOf(100), guard(2), 0)).toEqual([
    {
      vmid: 100,
      message: 'dropped what is not its own of VM 100 net0: ARP in the name of 192.0.2.1',
    },
  ])
  expect(finder.note(new Map([['tap100i0', [{ ...ARP, packets: 9 }]]]), guard(2), 5000)).toEqual([])
})

test('what was there when the agent started has been told', () => {
  const finder = new DropNewsFinder()
  expect(finder.note(dropsOf(100), guard(2), 0)).toEqual([])
})

test('ten a minute are told, and how many were not with the next', () => {
  const finder = new DropNewsFinder()
  finder.note(new Map(), guard(30), 0)
  const many = Array.from({ length: 25 }, (_, index) => 100 + index)
  expect(finder.note(dropsOf(...many), guard(30), 0)).toHaveLength(10)
  expect(finder.note(dropsOf(...many, 126), guard(30), 30_000)).toEqual([])
  const [omitted, next] = finder.note(dropsOf(...many, 126, 127), guard(30), 61_000)
  expect(omitted?.message).toBe('16 first drops more were left out; guestnet status --all shows all')
  expect(next?.vmid).toBe(127)
})

test('what is only reported is told as such', () => {
  const finder = new DropNewsFinder()
  const reporting: GuardReport = { ...guard(1), mode: 'report' }
  finder.note(new Map(), reporting, 0)
  expect(finder.note(dropsOf(100), reporting, 0)[0]?.message).toContain('would drop')
})
