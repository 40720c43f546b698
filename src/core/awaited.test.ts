import { expect, test } from 'vitest'
import {
  announceObservation,
  linksOf,
  macOf,
  observation,
  policyOf,
  readingOf,
  vm,
} from '../../test/builders.ts'
import { awaitedLeases } from './awaited.ts'
import { elementKeyOf } from './dhcp/observation.ts'
import { intend } from './intent.ts'
import type { Address, Prefix } from './values/address.ts'

const POLICY = policyOf('announce: {table: 100, networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24]}]}\n')
const MAC = '52:54:00:9e:cc:1e'

/** What is awaited of a guest whose file says .10, and whose port the kernel knows by this address. */
function awaited(known: string) {
  const prefix = `${known}/32` as Prefix
  const seen = observation({
    links: linksOf('tap100i0', 'vmbr0'),
    ports: {
      ...observation().ports,
      elements: new Map([[elementKeyOf({ family: 'ipv4', mac: macOf(MAC) }), 'tap100i0']]),
    },
    announcing: announceObservation({
      routing: {
        ...announceObservation().routing,
        routes: [{ table: 100, prefix, metric: 1, route: { prefix, device: 'vmbr0' } }],
        neighbours: [{ address: known as Address, device: 'vmbr0', mac: macOf(MAC), marked: true }],
      },
    }),
  })
  const guests = [vm(100, [{ ip: '203.0.113.10/24', mac: MAC }])]
  return [...awaitedLeases(guests, intend(readingOf(guests, { policy: POLICY }), seen))]
}

test('a guest that keeps a former address is to lease its new one', () => {
  expect(awaited('203.0.113.9')).toEqual([`203.0.113.10 ${MAC}`])
})

test('nothing is awaited of a guest that has what its file says', () => {
  expect(awaited('203.0.113.10')).toEqual([])
})
