import { describe, expect, test } from 'vitest'
import {
  announceObservation,
  linksOf,
  observation,
  offer,
  policyOf,
  readingOf,
  slot,
  table,
  vm,
} from '../../test/builders.ts'
import type { Guest } from './guest/guest.ts'
import { intend } from './intent.ts'

describe('a guest whose claims cannot be judged', () => {
  /** A mistake of guestnet's that only this guest's configuration brings out, before anybody else has looked at it. */
  const broken = (guest: Guest): Guest =>
    Object.defineProperty({ ...guest }, 'nics', {
      get: () => {
        throw new RangeError('too much of it')
      },
    })

  const SEEN = observation({
    links: linksOf('tap100i0', 'tap101i0', 'tap102i0', 'vmbr0'),
    ports: table({ chains: new Map([['tap100i0', [{ packets: 0 }]]]) }),
    slots: [slot(1, { offers: [offer(100, { address: '192.0.2.5/24' })] })],
  })

  test('goes on being served, is told of, and takes nothing from the others', () => {
    const guests = [broken(vm(100, [{ ip: '192.0.2.5/24' }])), vm(101, [{ ip: '192.0.2.6/24' }])]
    const { dhcp, problems } = intend(readingOf(guests), SEEN)
    expect(dhcp.offers.map(({ vmid, address }) => `${vmid} ${address}`).toSorted()).toEqual([
      '100 192.0.2.5/24',
      '101 192.0.2.6/24',
    ])
    expect(problems).toMatchObject([{ code: 'guest-failed', vmid: 100 }])
  })

  test('keeps its address against another that wants it meanwhile', () => {
    const guests = [broken(vm(100, [{ ip: '192.0.2.5/24' }])), vm(102, [{ ip: '192.0.2.5/24' }])]
    const { dhcp } = intend(readingOf(guests), SEEN)
    expect(dhcp.offers.map(({ vmid }) => vmid)).toEqual([100])
    expect(dhcp.refused).toMatchObject([{ vmid: 102, refusal: { code: 'held-by-another' } }])
  })
})

describe('an address in two networks of which one has no device here', () => {
  const POLICY = policyOf(`announce:
  table: 100
  networks:
    - {bridge: vmbr0, tag: 5, prefixes: [203.0.113.0/24]}
    - {bridge: vmbr0, prefixes: [203.0.113.0/24]}
`)
  const IP = '203.0.113.10/24'
  const announced = (...links: readonly string[]) => {
    const seen = observation({
      links: linksOf('tap100i0', 'tap101i0', 'vmbr0', ...links),
      announcing: announceObservation(),
    })
    const guests = [vm(100, [{ ip: IP, tag: 5 }]), vm(101, [{ ip: IP }])]
    return intend(readingOf(guests, { policy: POLICY }), seen).announcing?.announcements.map(
      ({ vmid }) => vmid,
    )
  }

  test('is announced for the guest that can be reached', () => {
    expect(announced()).toEqual([101])
  })

  test('is the first one’s as soon as that can be reached', () => {
    expect(announced('vmbr0.5')).toEqual([100])
  })
})

test('a copy of a guest that is served here, hardware address and all, takes nothing from it, whatever its number', () => {
  const served = offer(101, { address: '192.0.2.5/24' })
  const seen = observation({
    links: linksOf('tap100i0', 'tap101i0', 'vmbr0'),
    ports: table({ chains: new Map([['tap101i0', [{ packets: 0 }]]]) }),
    slots: [slot(1, { offers: [served] })],
  })
  const guests = [100, 101].map(vmid => vm(vmid, [{ ip: '192.0.2.5/24', mac: served.mac }]))
  expect(intend(readingOf(guests), seen).dhcp.offers.map(({ vmid }) => vmid)).toEqual([101])
})
