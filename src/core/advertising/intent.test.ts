import { describe, expect, test } from 'vitest'
import {
  advertisement,
  cidr6,
  ipv6,
  linksOf,
  NO_ADVERTISER,
  offer6,
  policyOf,
  vm,
} from '../../../test/builders.ts'
import type { Advertisement } from './advertisement.ts'
import { type AdvertisingInput, intendAdvertising } from './intent.ts'
import type { AdvertisingObservation } from './observation.ts'
import { routersToSeek } from './router.ts'

const LINKS = linksOf('tap100i0', 'tap101i0', 'vmbr0')

function told(given: Partial<AdvertisingInput> = {}, seen: Partial<AdvertisingObservation> = {}) {
  const input = {
    guests: [vm(100, [{}]), vm(101, [{}])],
    addressed: [],
    policy: policyOf('').dhcp,
    links: LINKS,
  }
  return intendAdvertising({ ...input, ...given }, { ...NO_ADVERTISER, ...seen })
}

describe('a guest is told of the router', () => {
  const routerWith = (gateway: string | undefined, ownAddresses: Record<string, string[]> = {}) => {
    const addressed = [{ ...offer6(100), ...(gateway !== undefined && { gateway: ipv6(gateway) }) }]
    const own = new Map(Object.entries(ownAddresses).map(([link, list]) => [link, list.map(ipv6)]))
    return told({ addressed }, { ownAddresses: own })[0]?.router
  }

  test('that its configuration names by a link-local address', () => {
    expect(routerWith('fe80::1')).toBe('fe80::1')
  })

  test('that the node itself is, by the link-local address of that very link', () => {
    const own = { vmbr0: ['2001:db8::1', 'fe80::d'], vmbr1: ['2001:db8:1::1', 'fe80::e'] }
    expect(routerWith('2001:db8::1', own)).toBe('fe80::d')
    expect(routerWith('2001:db8:1::1', own)).toBe('fe80::e')
  })

  test.each([
    ['whose link-local address nobody here knows', '2001:db8::1', { vmbr0: ['2001:db8::2', 'fe80::d'] }],
    ['that has no link-local address', '2001:db8::1', { vmbr0: ['2001:db8::1'] }],
    ['that is not written down', undefined, {}],
  ])('but not of one %s', (_, gateway, own) => expect(routerWith(gateway, own)).toBeUndefined())
})

describe('a router that its network was asked for', () => {
  const gateway = ipv6('2001:db8::1')
  const addressed = [{ ...offer6(100), gateway }]
  const found = new Map([['2001:db8::1 on vmbr0', { address: ipv6('fe80::99') }]])
  const told99 = { ...advertisement(100), router: ipv6('fe80::99'), soughtFor: gateway }
  const telling = (...advertisements: readonly Advertisement[]) =>
    ({ advertiser: { state: 'answering', pid: 1, isCurrent: true, advertisements } }) as const

  test('is told of', () => {
    expect(told({ addressed }, { soughtRouters: found })).toMatchObject([
      { router: 'fe80::99', soughtFor: '2001:db8::1' },
    ])
  })

  test('is told of by the next agent as well, which has asked nobody yet', () => {
    expect(told({ addressed }, telling(told99))).toMatchObject([{ router: 'fe80::99' }])
  })

  test('is another one once the network says so', () => {
    const sought = new Map([['2001:db8::1 on vmbr0', { address: ipv6('fe80::77') }]])
    expect(told({ addressed }, { ...telling(told99), soughtRouters: sought })).toMatchObject([
      { router: 'fe80::77' },
    ])
  })

  test('is that of its network alone', () => {
    const tagged = [{ ...offer6(100, { network: { bridge: 'vmbr0', tag: 5 } }), gateway }]
    for (const seen of [{ soughtRouters: found }, telling(told99)])
      expect(told({ addressed: tagged }, seen)).toMatchObject([{ unknownRouter: '2001:db8::1' }])
  })

  test('is not one that is written as a link-local address, nor this node', () => {
    const own = new Map([['vmbr0', [gateway, ipv6('fe80::d')]]])
    expect(told({ addressed }, { ownAddresses: own, soughtRouters: found })).toMatchObject([
      { router: 'fe80::d' },
    ])
    expect(told({ addressed }, { ownAddresses: own })[0]).not.toHaveProperty('soughtFor')
  })

  test('is sought as long as a guest has it, found or not', () => {
    const guests = told({ addressed: [...addressed, offer6(101)] }, { soughtRouters: found })
    expect([...routersToSeek(guests).keys()]).toEqual(['2001:db8::1 on vmbr0'])
    expect([...routersToSeek(told({ addressed })).keys()]).toEqual(['2001:db8::1 on vmbr0'])
  })
})

describe('what is on-link', () => {
  const onLink = (address: string) =>
    told({ addressed: [offer6(100, { address: cidr6(address) })] })[0]?.onLink

  test('is what the mask says', () => expect(onLink('2001:db8:0:5::9/56')).toBe('2001:db8::/56'))
  test('is nothing with a /128', () => expect(onLink('2001:db8::9/128')).toBeUndefined())
})

test.each([
  [undefined, 1500],
  [9000, 9000],
  [1000, 1280],
])('an MTU of %s is told as %s', (mtu, expected) => {
  expect(told({ addressed: [offer6(100, mtu === undefined ? {} : { mtu })] })[0]?.mtu).toBe(expected)
})

describe('nobody is told', () => {
  test('who has no port here', () => {
    expect(told({ addressed: [offer6(100)], links: linksOf('tap101i0') })).toEqual([])
  })

  test('where the policy says that others do it', () => {
    const policy = policyOf('dhcp:\n  networks: [{bridge: vmbr0, tag: 5, ra: false}]').dhcp
    const tagged = offer6(100, { network: { bridge: 'vmbr0', tag: 5 } })
    expect(told({ addressed: [tagged, offer6(101)], policy }).map(({ vmid }) => vmid)).toEqual([101])
  })
})

describe('a guest whose configuration is not at hand', () => {
  const answering = {
    advertiser: { state: 'answering', pid: 1, isCurrent: true, advertisements: [advertisement(100)] },
  } as const

  test('goes on being told what it is told', () => {
    expect(told({ guests: [] }, answering)).toEqual([advertisement(100)])
  })

  test('is told no more once its port is gone, or its network is excluded', () => {
    expect(told({ guests: [], links: linksOf('tap101i0') }, answering)).toEqual([])
    const policy = policyOf('dhcp:\n  networks: [{bridge: vmbr0, ra: false}]').dhcp
    expect(told({ guests: [], policy }, answering)).toEqual([])
  })
})
