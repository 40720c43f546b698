import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ipv4, offer } from '../../test/builders.ts'
import { optionsByAddress } from '../../test/keaOptions.ts'
import { addressOf, type Offer } from '../core/dhcp/offer.ts'
import { type Prefix4, prefixOf4 } from '../core/values/address.ts'
import { leaseHolders, renderConfig } from './config.ts'
import { subnetIds } from './subnetIds.ts'

const POLICY = { lease: 3600 }
const render = (offers: readonly Offer[], policy: Parameters<typeof renderConfig>[2] = POLICY) =>
  renderConfig('dhcp4-1', offers, policy, '/hooks')

const Option = z.object({ name: z.string().optional(), code: z.number().optional(), data: z.string() })
const Subnet = z.object({
  id: z.number(),
  subnet: z.string(),
  'option-data': z.array(Option).default([]),
  reservations: z.array(
    z.looseObject({
      'hw-address': z.string(),
      'ip-address': z.string(),
      'option-data': z.array(Option).default([]),
    }),
  ),
})
const Config = z.object({
  Dhcp4: z.looseObject({ 'shared-networks': z.tuple([z.looseObject({ subnet4: z.array(Subnet) })]) }),
})

function dhcp4(offers: readonly Offer[], policy = POLICY) {
  return Config.parse(JSON.parse(render(offers, policy))).Dhcp4
}

function subnets(offers: readonly Offer[]) {
  return dhcp4(offers)['shared-networks'][0].subnet4.filter(({ subnet }) => subnet !== '169.254.67.2/32')
}

/** What the guest of an offer is told, but for the server's identifier, by name or number. */
function optionsOf(offered: Offer): Record<string, string> {
  const { 'dhcp-server-identifier': _, ...told } =
    optionsByAddress(render([offered])).get(addressOf(offered)) ?? {}
  return told
}

test('offers of one prefix share a subnet, each with its own reservation', () => {
  const found = subnets([offer(101), offer(100), offer(102, { address: '198.51.100.2/32' })])
  expect(found.map(({ subnet, reservations }) => [subnet, reservations.map(r => r['ip-address'])])).toEqual([
    ['192.0.2.0/24', ['192.0.2.100', '192.0.2.101']],
    ['198.51.100.2/32', ['198.51.100.2']],
  ])
})

test('the same offers make the same text, in whatever order they come: a Kea is not replaced for nothing', () => {
  const offers = [offer(100), offer(101), offer(102, { address: '198.51.100.2/32' })]
  expect(render(offers.toReversed())).toBe(render(offers))
})

describe('a different text comes of', () => {
  test.each<[string, Offer]>([
    ['another address', offer(100, { address: '192.0.2.77/24' })],
    ['another mask', offer(100, { address: '192.0.2.100/25' })],
    ['another gateway', offer(100, { gateway: '192.0.2.1' })],
    ['another name', offer(100, { hostname: 'web' })],
    ['another MTU', offer(100, { mtu: 1400 })],
  ])('%s', (_, other) => expect(render([other])).not.toBe(render([offer(100)])))

  test('another lease time', () => expect(render([], { lease: 60 })).not.toBe(render([])))
})

describe('a guest is told', () => {
  test('its gateway', () => {
    expect(optionsOf(offer(100, { gateway: '192.0.2.1' }))).toEqual({ routers: '192.0.2.1' })
  })

  test('how to reach a gateway outside its prefix: itself on the link, everything else behind it', () => {
    expect(optionsOf(offer(100, { address: '192.0.2.5/32', gateway: '10.255.255.1' }))).toEqual({
      routers: '10.255.255.1',
      // 32 bits of 10.255.255.1 by 0.0.0.0, then 0 bits by 10.255.255.1.
      121: '200affff0100000000000affff01',
    })
  })

  test('only what it has', () => {
    expect(optionsOf(offer(100))).toEqual({})
  })

  test('its name servers, search list, domain and MTU', () => {
    const dns = [53, 54].map(octet => ipv4(`192.0.2.${octet}`))
    const told = offer(100, { dns, search: ['a.example', 'b.example'], domain: 'a.example', mtu: 1400 })
    expect(optionsOf(told)).toEqual({
      'domain-name-servers': '192.0.2.53, 192.0.2.54',
      'domain-search': 'a.example, b.example',
      'domain-name': 'a.example',
      'interface-mtu': '1400',
    })
  })
})

describe('the server identifier is the gateway', () => {
  const identifiers = (...gateways: (string | undefined)[]) =>
    subnets(
      gateways.map((gateway, index) => offer(100 + index, gateway === undefined ? {} : { gateway })),
    ).flatMap(subnet => subnet['option-data'].filter(({ name }) => name === 'dhcp-server-identifier'))

  test('that all offers of the prefix share', () => {
    expect(identifiers('192.0.2.1', '192.0.2.1')).toEqual([
      { name: 'dhcp-server-identifier', data: '192.0.2.1' },
    ])
  })

  test.each([
    ['they do not share one', ['192.0.2.1', '192.0.2.2']],
    ['one has none', ['192.0.2.1', undefined]],
    ['none has one', [undefined]],
  ])('and not set where %s', (_, gateways) => expect(identifiers(...gateways)).toEqual([]))
})

test('strangers get no answer, guests a firm one', () => {
  expect(dhcp4([])).toMatchObject({
    authoritative: true,
    'match-client-id': false,
    'client-classes': [
      { name: 'probe', test: 'pkt4.mac == 0x02676e657401' },
      { name: 'DROP', test: "member('UNKNOWN') and not (pkt4.mac == 0x02676e657401)" },
    ],
    'valid-lifetime': 3600,
  })
})

describe('a subnet’s number', () => {
  const prefixes = [offer(100), offer(101, { address: '198.51.100.2/32' })].map(o => prefixOf4(o.address))

  test('stays when other prefixes come and go, so that leases keep their subnet', () => {
    const [first] = prefixes
    if (!first) throw new Error('no prefix')
    expect(subnetIds([first]).get(first)).toBe(subnetIds(prefixes).get(first))
  })

  test('is one that Kea takes, and another one for each prefix', () => {
    const many = Array.from({ length: 3000 }, (_, i) => `10.${i >> 8}.${i % 256}.0/24` as Prefix4)
    const ids = [...subnetIds(many).values()]
    expect(new Set(ids).size).toBe(many.length)
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...ids)).toBeLessThanOrEqual(4_294_967_294)
  })

  test('is the one that leases of its guests are to have', () => {
    const offers = [offer(100), offer(101, { address: '198.51.100.2/32' })]
    const ids = new Map(
      subnets(offers).flatMap(({ id, reservations }) => reservations.map(r => [r['ip-address'], id])),
    )
    for (const { address, subnetId } of leaseHolders(offers)) expect(subnetId).toBe(ids.get(address))
  })
})
