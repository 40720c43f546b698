import { expect, test } from 'vitest'
import { offer } from '../../../test/builders.ts'
import type { Offer } from './offer.ts'
import { assignServers, leaseKeyOf, type Servers } from './servers.ts'

const rivals = [100, 200, 300].map(vmid => offer(vmid, { address: '192.0.2.5/24' }))

function numbers(servers: Servers): Record<number, number[]> {
  return Object.fromEntries(
    [...servers].map(([number, offers]) => [number, offers.map(({ vmid }) => Number(vmid))]),
  )
}

function held(...pairs: [Offer | undefined, number][]): Map<string, number> {
  return new Map(pairs.flatMap(([offered, number]) => (offered ? [[leaseKeyOf(offered), number]] : [])))
}

test('nothing to offer needs no server', () => {
  expect(assignServers([], new Map()).size).toBe(0)
})

test('addresses that differ share one server', () => {
  expect(numbers(assignServers([offer(100), offer(101)], new Map()))).toEqual({ 1: [100, 101] })
})

test('the same address twice takes two servers, and everything else stays on the first', () => {
  const servers = assignServers([...rivals.slice(0, 2), offer(101)], new Map())
  expect(numbers(servers)).toEqual({ 1: [100, 101], 2: [200] })
})

test('an address is the same one whatever its mask', () => {
  const offers = [offer(100, { address: '192.0.2.5/24' }), offer(200, { address: '192.0.2.5/32' })]
  expect(numbers(assignServers(offers, new Map()))).toEqual({ 1: [100], 2: [200] })
})

test('an offer stays with its server when a rival appears before it', () => {
  expect(numbers(assignServers(rivals.slice(0, 2), held([rivals[1], 1])))).toEqual({ 1: [200], 2: [100] })
})

test('an offer stays with its server when a rival goes', () => {
  const previous = held([rivals[0], 1], [rivals[1], 2], [rivals[2], 3])
  expect(
    numbers(
      assignServers(
        [rivals[1], rivals[2]].flatMap(o => o ?? []),
        previous,
      ),
    ),
  ).toEqual({
    1: [300],
    2: [200],
  })
})

test('two offers that claim the same number part', () => {
  const previous = held([rivals[0], 2], [rivals[1], 2])
  expect(numbers(assignServers(rivals.slice(0, 2), previous))).toEqual({ 1: [200], 2: [100] })
})
