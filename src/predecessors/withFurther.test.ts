import { describe, expect, test } from 'vitest'
import { guestsInput, linksOf, macOf, vm } from '../../test/builders.ts'
import { announceGuests } from '../core/announcing/guests.ts'
import type { Further, FurtherRoute } from '../core/guest/further.ts'
import { type Guest, staticAddresses } from '../core/guest/guest.ts'
import { AnnouncePolicy } from '../core/policy/announce.ts'
import type { Address, Prefix } from '../core/values/address.ts'
import { withFurther } from './withFurther.ts'

const POLICY = AnnouncePolicy.parse({
  table: 100,
  fastAnnouncer: '/var/lib/infra/network',
  networks: [{ bridge: 'vmbr0', prefixes: ['203.0.113.0/24', '2001:db8:a::/48'] }],
})

const FILE = '/var/lib/infra/network/100.json'
const UNKNOWN_MAC = macOf('52:54:00:ff:ff:ff')

interface Said {
  readonly addresses?: readonly string[]
  readonly routes?: readonly { prefix: string; nextHop?: string }[]
}

/** Guests, the first with what a file says of it. */
function guestsWith(
  [first, ...others]: readonly Guest[],
  { addresses = [], routes = [] }: Said,
  nic?: number,
) {
  if (!first) throw new Error('there is one')
  const said: Further = {
    file: FILE,
    mac: (nic === undefined ? undefined : first.nics[nic]?.mac) ?? UNKNOWN_MAC,
    addresses: addresses as Address[],
    routes: routes.map(
      ({ prefix, nextHop }): FurtherRoute => ({
        prefix: prefix as Prefix,
        ...(nextHop !== undefined && { nextHop: nextHop as Address }),
      }),
    ),
  }
  return withFurther([first, ...others], new Map([[first.vmid, said]]), POLICY)
}

function announced(guests: readonly Guest[]) {
  const { announcements, routing, problems } = announceGuests(
    guestsInput(guests, {
      policy: POLICY,
      links: linksOf('vmbr0', 'tap100i0', 'tap100i1', 'tap101i0'),
    }),
  )
  return {
    prefixes: announcements.map(({ prefix }) => prefix),
    routes: routing.routes,
    neighbours: routing.neighbours,
    problems,
  }
}

describe('addresses of another file', () => {
  test('belong to the NIC with its MAC, or to the first in an announced network', () => {
    const guest = vm(100, [{ bridge: 'vmbr9' }, {}, {}])
    const ownersOf = (nic?: number) =>
      guestsWith([guest], { addresses: ['203.0.113.10'] }, nic).map(({ nics }) =>
        nics.map(({ addressing }) => staticAddresses(addressing).length),
      )
    expect(ownersOf(2)).toEqual([[0, 0, 1]])
    expect(ownersOf()).toEqual([[0, 1, 0]])
  })

  test('are announced like the guest’s own, once, and no others than the policy lets out', () => {
    const guest = vm(100, [{ ip: '203.0.113.10/24' }])
    const addresses = ['203.0.113.10', '203.0.113.11', '198.51.100.1', '2001:db8:a::1']
    const { prefixes, neighbours } = announced(guestsWith([guest], { addresses }))
    expect(prefixes).toEqual(['203.0.113.10/32', '203.0.113.11/32', '2001:db8:a::1/128'])
    expect(neighbours.map(({ mac }) => mac)).toEqual(prefixes.map(() => guest.nics[0]?.mac))
  })

  test('lose against a guest with a lower number, and the file is named', () => {
    const guests = [vm(101, [{}]), vm(100, [{ ip: '203.0.113.10/24' }])]
    const { prefixes, problems } = announced(guestsWith(guests, { addresses: ['203.0.113.10'] }, 0))
    expect(prefixes).toEqual(['203.0.113.10/32'])
    expect(problems).toMatchObject([{ code: 'address-duplicate', vmid: 101, file: FILE }])
  })

  test('count for nothing where nothing is announced', () => {
    const guests = [vm(100, [{}])]
    expect(withFurther(guests, new Map([[guests[0]?.vmid ?? never(), furtherOf()]]), undefined)).toBe(guests)
  })
})

function never(): never {
  throw new Error('there is one')
}

function furtherOf(): Further {
  return { file: FILE, mac: UNKNOWN_MAC, addresses: [], routes: [] }
}

describe('routes of another file', () => {
  const routed = (said: Said, others: readonly Guest[] = []) => {
    const { routes, problems } = announced(
      guestsWith([vm(100, [{ ip: '203.0.113.10/24' }]), ...others], said, 0),
    )
    return {
      routes: routes.filter(({ prefix }) => !prefix.endsWith('/32')),
      problems: problems.map(({ message }) => message),
    }
  }

  test('go by their next hop, although Notes are not trusted', () => {
    const prefix = '203.0.113.64/28'
    expect(
      routed({ addresses: ['203.0.113.11'], routes: [{ prefix, nextHop: '203.0.113.11' }] }).routes,
    ).toEqual([{ prefix, device: 'vmbr0', via: '203.0.113.11' }])
  })

  test('go by a link-local next hop, or by the link alone', () => {
    const routes = [{ prefix: '2001:db8:a:1::/64', nextHop: 'fe80::1' }, { prefix: '203.0.113.64/28' }]
    expect(routed({ routes }).routes).toEqual([
      { prefix: '2001:db8:a:1::/64', device: 'vmbr0', via: 'fe80::1' },
      { prefix: '203.0.113.64/28', device: 'vmbr0' },
    ])
  })

  test.each([
    [
      'a next hop that is not the guest’s',
      { prefix: '203.0.113.64/28', nextHop: '203.0.113.99' },
      'its next hop 203.0.113.99',
    ],
    [
      'a prefix that may not leave',
      { prefix: '198.51.100.0/24', nextHop: '203.0.113.10' },
      'the policy does not allow this prefix',
    ],
    [
      'another guest’s address',
      { prefix: '203.0.113.16/28', nextHop: '203.0.113.10' },
      'it holds an address of guest 101',
    ],
  ])('are refused with %s', (_, route, objection) => {
    const { routes, problems } = routed({ routes: [route] }, [vm(101, [{ ip: '203.0.113.20/24' }])])
    expect(routes).toEqual([])
    expect(problems).toEqual([expect.stringContaining(objection)])
  })
})
