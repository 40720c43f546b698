import { expect, test } from 'vitest'
import { linksOf } from '../../test/builders.ts'
import { ipv6, prefixOf } from '../../test/routings.ts'
import type { Link } from '../core/node/link.ts'
import type { AnnouncedNetwork } from '../core/policy/announce.ts'
import { checkAnnouncedNetwork } from './announcedNetworks.ts'

const NETWORK = { bridge: 'vmbr0', prefixes: [prefixOf('203.0.113.0/24'), prefixOf('2001:db8::/48')] }
const TAGGED = { ...NETWORK, tag: 5 }
const GATEWAY = { ...NETWORK, gateway: { ipv6: ipv6('fe80::1') } }
const SETTINGS = { 'net.ipv4.ip_forward': '1' }

type GivenLink = string | (Partial<Link> & { readonly name: string })

function details(
  network: AnnouncedNetwork,
  links: readonly GivenLink[],
  settings: Readonly<Record<string, string>> = SETTINGS,
): string[] {
  return checkAnnouncedNetwork(network, linksOf(...links), name => settings[name]).map(
    ({ state, detail }) => `${state}: ${detail}`,
  )
}

test('a network whose bridge is elsewhere is no concern of this node', () => {
  expect(details(NETWORK, [])).toEqual(['good: is not on this node'])
})

test('a tagged one needs a layer-3 link, which is up', () => {
  expect(details(TAGGED, ['vmbr0'])).toEqual(['bad: its layer-3 link vmbr0v5 does not exist'])
  expect(details(TAGGED, ['vmbr0', { name: 'vmbr0.5', up: false }])).toEqual([
    'bad: its layer-3 link vmbr0.5 is down',
  ])
  expect(details(TAGGED, ['vmbr0', 'vmbr0v5'])).toEqual(['good: its layer-3 link is vmbr0v5'])
})

test('IPv6 that is off and IPv4 that is not forwarded on the link are told', () => {
  const settings = { 'net.ipv6.conf.vmbr0/5.disable_ipv6': '1', 'net.ipv4.conf.vmbr0/5.forwarding': '0' }
  expect(details(TAGGED, ['vmbr0', 'vmbr0.5'], { ...SETTINGS, ...settings })).toEqual([
    'bad: IPv6 is off on vmbr0.5, and IPv6 prefixes are announced',
    'bad: IPv4 from vmbr0.5 is not forwarded',
  ])
})

test('a gateway, for which guestnet switches IPv6 on, wants a bridge of guests alone', () => {
  const settings = { 'net.ipv6.conf.vmbr0.disable_ipv6': '1' }
  expect(details(GATEWAY, ['vmbr0', { name: 'tap100i0', master: 'vmbr0' }], settings)).toEqual([
    'good: its layer-3 link is vmbr0',
    'good: only guests are on vmbr0',
  ])
  const [, gateway] = details(GATEWAY, ['vmbr0', { name: 'eno1', master: 'vmbr0' }])
  expect(gateway).toMatch(/^doubtful: .*eno1/)
})
