import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Offer } from '../../src/core/dhcp/offer.ts'
import { assignServers, leaseKeyOf, type ServerNumber, type Servers } from '../../src/core/dhcp/servers.ts'
import { addressOf4 } from '../../src/core/values/address.ts'
import { groupBy } from '../../src/core/values/collection.ts'
import { offer } from '../builders.ts'

/** Offers with few addresses, so that many collide; each guest has its own MAC address. */
const anyOffers = fc
  .uniqueArray(fc.integer({ min: 100, max: 140 }), { maxLength: 20 })
  .chain(vmids =>
    fc.tuple(
      ...vmids.map(vmid =>
        fc
          .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(24, 32))
          .map(([octet, length]) => offer(vmid, { address: `192.0.2.${octet}/${length}` })),
      ),
    ),
  )

/** Offers, and servers they had before: any, even ones that contradict each other. */
const anyMoment = anyOffers.chain(offers =>
  fc.record({
    offers: fc.constant(offers),
    previous: fc
      .tuple(...offers.map(() => fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined })))
      .map(numbers => new Map(offers.flatMap((each, index) => pair(each, numbers[index])))),
  }),
)

function pair(each: Offer, number: ServerNumber | undefined): [string, ServerNumber][] {
  return number === undefined ? [] : [[leaseKeyOf(each), number]]
}

function numbersOf(servers: Servers): Map<string, ServerNumber> {
  return new Map([...servers].flatMap(([number, offers]) => offers.flatMap(each => pair(each, number))))
}

/** How many offers of the same address there are where an address has most. */
function mostRivals(offers: readonly Offer[]): number {
  return Math.max(
    0,
    ...[...groupBy(offers, each => addressOf4(each.address)).values()].map(same => same.length),
  )
}

test('each offer has one server, and there are as few servers as collisions allow, numbered from 1', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      const servers = assignServers(offers, previous)
      expect([...servers.values()].flat().toSorted(byVmid)).toEqual(offers.toSorted(byVmid))
      expect([...servers.keys()].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: mostRivals(offers) }, (_, index) => index + 1),
      )
    }),
  )
})

function byVmid(a: Offer, b: Offer): number {
  return a.vmid - b.vmid
}

test('no server offers an address twice', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      for (const served of assignServers(offers, previous).values()) {
        expect(mostRivals(served)).toBe(1)
      }
    }),
  )
})

test('with its own result as what was before, nothing changes', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      const numbers = numbersOf(assignServers(offers, previous))
      expect(numbersOf(assignServers(offers, numbers))).toEqual(numbers)
    }),
  )
})

test('whatever the order of the offers, each stays where it was', () => {
  fc.assert(
    fc.property(
      anyOffers.chain(offers =>
        fc.tuple(
          fc.constant(offers),
          fc.shuffledSubarray(offers, { minLength: offers.length, maxLength: offers.length }),
        ),
      ),
      ([offers, shuffled]) => {
        const numbers = numbersOf(assignServers(offers, new Map()))
        expect(numbersOf(assignServers(shuffled, numbers))).toEqual(numbers)
      },
    ),
  )
})

test('one that goes moves no other, but for one whose number is no longer needed', () => {
  fc.assert(
    fc.property(anyOffers, fc.nat(), (offers, choice) => {
      fc.pre(offers.length > 0)
      const before = numbersOf(assignServers(offers, new Map()))
      const gone = offers[choice % offers.length]
      const rest = offers.filter(each => each !== gone)
      const after = numbersOf(assignServers(rest, before))
      for (const each of rest) {
        const rivals = rest.filter(other => addressOf4(other.address) === addressOf4(each.address)).length
        const number = before.get(leaseKeyOf(each)) ?? 0
        if (number <= rivals) expect(after.get(leaseKeyOf(each))).toBe(number)
      }
    }),
  )
})

test('one that comes moves no other', () => {
  fc.assert(
    fc.property(anyOffers, offers => {
      fc.pre(offers.length > 0)
      const before = numbersOf(assignServers(offers.slice(1), new Map()))
      const after = numbersOf(assignServers(offers, before))
      for (const [key, number] of before) expect(after.get(key)).toBe(number)
    }),
  )
})
