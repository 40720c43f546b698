import { expect, test } from 'vitest'
import * as z from 'zod'
import { cidr6, offer6 } from '../../test/builders.ts'
import { optionsByAddress } from '../../test/keaOptions.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import type { Ipv6 } from '../core/values/address.ts'
import { leaseHolders, renderConfig } from './config.ts'

const Subnet = z.object({
  id: z.number(),
  subnet: z.string(),
  'client-class': z.string(),
  'rapid-commit': z.boolean().optional(),
  reservations: z.array(
    z.looseObject({
      'hw-address': z.string(),
      'ip-addresses': z.array(z.string()),
    }),
  ),
})
const Config = z.object({
  Dhcp6: z.looseObject({
    'client-classes': z.array(z.object({ name: z.string(), test: z.string() })),
    'shared-networks': z.tuple([z.looseObject({ subnet6: z.array(Subnet) })]),
  }),
})

const FIRST = offer6(100)
const SECOND = offer6(101)
const ALONE = offer6(102, { address: cidr6('2001:db8:ffff::2/128') })

function render(...offers: readonly Offer[]): string {
  return renderConfig('dhcp6-1', offers, { lease: 900 }, '/hooks')
}

function dhcp6(...offers: readonly Offer[]) {
  return Config.parse(JSON.parse(render(...offers))).Dhcp6
}

function subnets(...offers: readonly Offer[]) {
  return dhcp6(...offers)['shared-networks'][0].subnet6.filter(({ subnet }) => subnet !== '100::67/128')
}

test('offers of one prefix share a subnet, each reserved for what its port is known by', () => {
  const found = subnets(SECOND, ALONE, FIRST)
  expect(found.map(({ subnet, reservations }) => [subnet, reservations])).toMatchObject([
    [
      '2001:db8::/64',
      [
        { 'hw-address': '00:00:00:00:64:00', 'ip-addresses': ['2001:db8::100'] },
        { 'hw-address': '00:00:00:00:65:00', 'ip-addresses': ['2001:db8::101'] },
      ],
    ],
    ['2001:db8:ffff::2/128', [{ 'hw-address': '00:00:00:00:66:00', 'ip-addresses': ['2001:db8:ffff::2'] }]],
  ])
})

test('a subnet is for its own guests only, told by what their ports ask from', () => {
  const { 'client-classes': classes } = dhcp6(FIRST, SECOND, ALONE)
  const tests = new Map(classes.map(({ name, test }) => [name, test]))
  expect(subnets(FIRST, SECOND, ALONE).map(subnet => tests.get(subnet['client-class']))).toEqual([
    "member('holds 2001:db8::100') or member('holds 2001:db8::101')",
    "member('holds 2001:db8:ffff::2')",
  ])
  expect(tests.get('holds 2001:db8::100')).toBe('pkt.src == fe80::200:ff:fe00:6400')
})

test('strangers get no answer, guests the same server whichever Kea it is', () => {
  expect(dhcp6(FIRST)).toMatchObject({
    'mac-sources': ['ipv6-link-local'],
    'server-id': { type: 'LL', identifier: '02676e657400', persist: false },
    'valid-lifetime': 900,
    'preferred-lifetime': 900,
  })
  expect(dhcp6(FIRST)['client-classes'].slice(0, 2)).toEqual([
    { name: 'probe', test: 'pkt.src == fe80::a00:ff:fe00:0' },
    { name: 'DROP', test: "member('UNKNOWN') and not (pkt.src == fe80::a00:ff:fe00:0)" },
  ])
})

test('a guest is told its name servers and search list, and only what it has', () => {
  const dns = ['2001:db8::53', '2001:db8::54'] as Ipv6[]
  const told = offer6(100, { dns, search: ['a.example', 'b.example'], domain: 'a.example', mtu: 1400 })
  const optionsOf = (offered: Offer) => optionsByAddress(render(offered)).get('2001:db8::100')
  expect(optionsOf(told)).toEqual({
    'dns-servers': '2001:db8::53, 2001:db8::54',
    'domain-search': 'a.example, b.example',
  })
  expect(optionsOf(FIRST)).toEqual({})
})

test('leases belong to who Kea knows, and to the subnet of their address', () => {
  const ids = new Map(
    subnets(FIRST, ALONE).flatMap(({ id, reservations }) =>
      reservations.map(each => [each['ip-addresses'][0], { id, known: each['hw-address'] }]),
    ),
  )
  for (const { address, subnetId, hardwareAddress } of leaseHolders([FIRST, ALONE]))
    expect({ id: subnetId, known: hardwareAddress }).toEqual(ids.get(address))
})
