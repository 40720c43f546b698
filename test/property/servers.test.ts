import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, type Offer } from '../../src/core/dhcp/offer.ts'
import { numberOfServer, type ServerId, serverId } from '../../src/core/dhcp/serverId.ts'
import {
  type Assignment,
  assignServers,
  leaseKeyOfOffer,
  SERVERS_OF_NODE,
} from '../../src/core/dhcp/servers.ts'
import { groupBy } from '../../src/core/values/collection.ts'
import { FAMILIES } from '../../src/core/values/family.ts'
import { cidr6, offer, offer6 } from '../builders.ts'

/** Offers of both families with few addresses, so that many collide; each guest has its own MAC address. */
const anyOffers = fc
  .uniqueArray(fc.integer({ min: 100, max: 140 }), { maxLength: 20 })
  .chain(vmids =>
    fc.tuple(
      ...vmids.map(vmid =>
        fc
          .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(24, 32), fc.constantFrom(...FAMILIES))
          .map(
            ([octet, length, family]): Offer =>
              family === 'ipv4'
                ? offer(vmid, { address: `192.0.2.${octet}/${length}` })
                : offer6(vmid, { address: cidr6(`2001:db8::${octet}/${length + 96}`) }),
          ),
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

function pair(each: Offer, number: number | undefined): [string, ServerId][] {
  return number === undefined ? [] : [[leaseKeyOfOffer(each), serverId(each.family, number)]]
}

function serversOf({ servers }: Assignment): Map<string, ServerId> {
  return new Map(
    [...servers].flatMap(([server, offers]) => offers.map(each => [leaseKeyOfOffer(each), server] as const)),
  )
}

/** How many offers of the same address there are where an address has most. */
function mostRivals(offers: readonly Offer[]): number {
  return Math.max(0, ...[...groupBy(offers, addressOf).values()].map(same => same.length))
}

test('each offer has one server of its family, or is too much, and there are as few servers as collisions allow, numbered from 1', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      const { servers, surplus } = assignServers(offers, previous)
      const all = [...[...servers.values()].flat(), ...surplus.map(({ offer: each }) => each)]
      expect(all.toSorted(byVmid)).toEqual(offers.toSorted(byVmid))
      const needed = FAMILIES.flatMap(family => {
        const most = mostRivals(offers.filter(each => each.family === family))
        return Array.from({ length: Math.min(most, SERVERS_OF_NODE) }, (_, index) =>
          serverId(family, index + 1),
        )
      })
      expect([...servers.keys()].toSorted()).toEqual(needed.toSorted())
    }),
  )
})

function byVmid(a: Offer, b: Offer): number {
  return a.vmid - b.vmid
}

test('no server offers an address twice', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      for (const served of assignServers(offers, previous).servers.values()) {
        expect(mostRivals(served)).toBe(1)
      }
    }),
  )
})

test('with its own result as what was before, nothing changes', () => {
  fc.assert(
    fc.property(anyMoment, ({ offers, previous }) => {
      const assigned = serversOf(assignServers(offers, previous))
      expect(serversOf(assignServers(offers, assigned))).toEqual(assigned)
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
        const assigned = serversOf(assignServers(offers, new Map()))
        expect(serversOf(assignServers(shuffled, assigned))).toEqual(assigned)
      },
    ),
  )
})

test('one that goes moves no other, but for one whose number is no longer needed', () => {
  fc.assert(
    fc.property(anyOffers, fc.nat(), (offers, choice) => {
      fc.pre(offers.length > 0)
      const before = serversOf(assignServers(offers, new Map()))
      const gone = offers[choice % offers.length]
      const rest = offers.filter(each => each !== gone)
      const after = serversOf(assignServers(rest, before))
      for (const each of rest) {
        const rivals = rest.filter(other => addressOf(other) === addressOf(each)).length
        const server = before.get(leaseKeyOfOffer(each))
        if (server && numberOfServer(server) <= Math.min(rivals, SERVERS_OF_NODE))
          expect(after.get(leaseKeyOfOffer(each))).toBe(server)
      }
    }),
  )
})

test('one that comes moves no other', () => {
  fc.assert(
    fc.property(anyOffers, offers => {
      fc.pre(offers.length > 0)
      const before = serversOf(assignServers(offers.slice(1), new Map()))
      const after = serversOf(assignServers(offers, before))
      for (const [key, server] of before) expect(after.get(key)).toBe(server)
    }),
  )
})
