import { describe, expect, test } from 'vitest'
import { advertisement, offer, offer6, portOf, slotLink } from '../../test/builders.ts'
import type { StalePort } from '../core/dhcp/change.ts'
import type { ElementKey } from '../core/dhcp/observation.ts'
import type { Service } from '../core/dhcp/service.ts'
import { type NftablesChange, render, renderTrial } from './render.ts'

const OFFER = offer(100, { mac: '52:54:00:9e:cc:1e' })
const ELEMENT: ElementKey = `ipv4 ${OFFER.mac}`
const LINK = slotLink(1)
/** Of a guest whose router is not known here. */
const { router: _, ...TOLD } = advertisement(100)
const ROUTER: Service = { kind: 'router', advertisement: TOLD }

const lines = (change: NftablesChange) => render(change, 'guestnet')
const serve = (stale: StalePort) => lines({ kind: 'port-serve', port: portOf(OFFER), stale })

test('the table comes with the maps by which answers find their way', () => {
  expect(lines({ kind: 'table-create' })).toEqual([
    'add table netdev guestnet',
    'add map netdev guestnet port_of { typeof @th,288,48 : meta oif; }',
    'add map netdev guestnet port6_of { typeof ether daddr : meta oif; }',
    'add map netdev guestnet mac6_of { typeof ip6 daddr : ether daddr; }',
    'add map netdev guestnet asker6_of { typeof ether saddr . @th,72,24 : ip6 saddr; flags dynamic,timeout; timeout 5s; size 262144; }',
    'add map netdev guestnet asked6_from { typeof ether saddr : ip6 saddr; flags dynamic,timeout; timeout 1m; size 65536; }',
    'add chain netdev guestnet solicited',
    'add chain netdev guestnet overheard',
    'add chain netdev guestnet managed',
  ])
})

describe('a port of DHCPv6', () => {
  const port = portOf(offer6(100), 'dhcp6-1')
  const [, rule, rest, ...elements] = lines({
    kind: 'port-serve',
    port,
    stale: { chain: false, elements: [] },
  })

  test.each([
    ['untagged', 'ether type ip6 '],
    ['in the guest’s own frame', 'ether saddr 52:54:00:00:64:00 '],
    ['for all servers', 'ip6 daddr ff02::1:2 '],
    ['for a DHCPv6 server’s port', '@th,16,16 547 '],
    ['UDP', 'meta l4proto udp '],
    ['a client’s message, not relayed', '@th,64,8 { 1, 3, 4, 5, 6, 8, 9, 11 } '],
  ])('only gives what is %s', (_, condition) => expect(rule).toContain(condition))

  test('drops what is too much for any client, and counts it', () => {
    const [own] = rule?.split(' limit rate 50/second burst 100 packets ') ?? []
    expect(rest).toBe(`${own} counter drop`)
  })

  test('puts what the NIC is known by in place of the address that is asked from, which is kept for the answer; what cannot be kept is not taken', () => {
    expect(rule).toMatch(
      / packets update @asker6_of \{ ether saddr \. @th,72,24 : ip6 saddr \} ip6 saddr set fe80::200:ff:fe00:6400 counter goto dhcp6-1 comment "VM 100 net0 52:54:00:00:64:00 server dhcp6-1"$/,
    )
  })

  test('gets the replies to its guest', () => {
    expect(elements).toEqual([
      'add element netdev guestnet port6_of { 52:54:00:00:64:00 : "tap100i0" }',
      'add element netdev guestnet mac6_of { fe80::200:ff:fe00:6400 : 52:54:00:00:64:00 }',
    ])
  })
})

describe('a port', () => {
  const [chain, rule, rest, element] = serve({ chain: false, elements: [] })

  test('is caught before every bridge and firewall', () => {
    expect(chain).toBe(
      'add chain netdev guestnet tap100i0 { type filter hook ingress device "tap100i0" priority -450; }',
    )
  })

  test.each([
    ['untagged', 'ether type ip '],
    ['a request', '@th,64,8 1 '],
    ['for a DHCP server', '@th,16,16 67 '],
    ['UDP', 'meta l4proto udp '],
    ['in the guest’s own frame', 'ether saddr 52:54:00:9e:cc:1e '],
    ['about the guest itself', '@th,288,48 0x5254009ecc1e '],
    ['not relayed', '@th,256,32 0 '],
  ])('only gives what is %s', (_, condition) => expect(rule).toContain(condition))

  test('drops what is too much for any client, and counts it', () => {
    const [own] = rule?.split(' limit rate 50/second burst 100 packets ') ?? []
    expect(rest).toBe(`${own} counter drop`)
  })

  test('gives it to the offer’s server, and says whose it is', () => {
    expect(rule).toMatch(/counter goto server-1 comment "VM 100 net0 52:54:00:9e:cc:1e server dhcp4-1"$/)
  })

  test('gets the replies to its guest', () => {
    expect(element).toBe('add element netdev guestnet port_of { 0x5254009ecc1e : "tap100i0" }')
  })

  test.each<[StalePort, string[]]>([
    [{ chain: false, elements: [] }, []],
    [
      { chain: true, elements: [] },
      [
        'flush chain netdev guestnet tap100i0',
        'delete chain netdev guestnet tap100i0',
        'flush chain netdev guestnet routers-tap100i0',
        'delete chain netdev guestnet routers-tap100i0',
      ],
    ],
    [{ chain: false, elements: [ELEMENT] }, ['delete element netdev guestnet port_of { 0x5254009ecc1e }']],
  ])(
    'replaces what is stale, %o, and no more: nft fails on deleting what is not there',
    (stale, expected) => {
      const removals = serve(stale).filter(line => /^(flush|delete)/.test(line))
      expect(removals).toEqual(expected)
      const before = serve(stale).findIndex(line => line.startsWith('add chain netdev guestnet tap100i0'))
      expect(serve(stale).slice(0, before)).toEqual(expect.arrayContaining(removals))
    },
  )

  test('that is released leaves no chain', () => {
    expect(lines({ kind: 'port-release', link: 'tap100i0' })).toEqual([
      'add chain netdev guestnet tap100i0',
      'flush chain netdev guestnet tap100i0',
      'delete chain netdev guestnet tap100i0',
      'add chain netdev guestnet routers-tap100i0',
      'flush chain netdev guestnet routers-tap100i0',
      'delete chain netdev guestnet routers-tap100i0',
    ])
  })
})

test('an element is removed by its MAC address', () => {
  expect(lines({ kind: 'element-remove', element: ELEMENT })).toEqual([
    'delete element netdev guestnet port_of { 0x5254009ecc1e }',
  ])
})

test('a server’s requests are all addressed to Kea, and go to one slot only, without a link being named', () => {
  expect(lines({ kind: 'server-switch', server: 'dhcp4-2', slot: 1, link: LINK })).toEqual([
    'add chain netdev guestnet server-2',
    'flush chain netdev guestnet server-2',
    'add rule netdev guestnet server-2 ip daddr set 169.254.67.1 goto requests-guestnet-1',
  ])
})

test('a server’s removal leaves no chain', () => {
  expect(lines({ kind: 'switch-remove', server: 'dhcp4-2' })).toEqual([
    'flush chain netdev guestnet server-2',
    'delete chain netdev guestnet server-2',
  ])
})

test('what goes to a slot leaves by its link', () => {
  expect(lines({ kind: 'slot-open', slot: 1, link: LINK }).slice(0, 3)).toEqual([
    'add chain netdev guestnet requests-guestnet-1',
    'flush chain netdev guestnet requests-guestnet-1',
    'add rule netdev guestnet requests-guestnet-1 fwd to "guestnet-1"',
  ])
})

test('replies leave by the port they belong to; nothing else leaves', () => {
  const [, , , chain, flush, forward, forward6, former6, drop] = lines({
    kind: 'slot-open',
    slot: 1,
    link: LINK,
  })
  expect(chain).toContain('device "guestnet-1"')
  expect(flush).toBe('flush chain netdev guestnet replies-guestnet-1')
  expect(forward).toMatch(/udp sport 67 fwd to @th,288,48 map @port_of$/)
  expect(forward6).toMatch(
    /udp sport 547 ether daddr set ip6 daddr map @mac6_of ip6 daddr set ether daddr \. @th,72,24 map @asker6_of fwd to ether daddr map @port6_of$/,
  )
  expect(former6).toBe(
    forward6?.replace('ether daddr . @th,72,24 map @asker6_of', 'ether daddr map @asked6_from'),
  )
  expect(drop).toMatch(/replies-guestnet-1 counter drop$/)
})

test('the trial asks of the kernel all that a served port does', () => {
  // Names, numbers and texts apart, a rule is the same wherever it stands.
  const shapeOf = (line: string) =>
    line
      .replaceAll(/"[^"]*"|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|0x[0-9a-f]{12}/g, '…')
      .replaceAll(/ (?:requests-\S+|replies-\S+|routers-\S+|lo|tap100i0)(?= |$)/g, ' …')
  const services = [...portOf(OFFER).services, ...portOf(offer6(100), 'dhcp6-1').services, ROUTER]
  const both = { ...portOf(OFFER), services }
  const real = [
    ...lines({ kind: 'table-create' }),
    ...lines({ kind: 'slot-open', slot: 1, link: LINK }),
    ...lines({ kind: 'server-switch', server: 'dhcp4-1', slot: 1, link: LINK }),
    ...lines({ kind: 'server-switch', server: 'dhcp6-1', slot: 1, link: LINK }),
    ...lines({ kind: 'solicitations-open', link: LINK }),
    ...lines({ kind: 'port-serve', port: both, stale: { chain: false, elements: [] } }),
  ]
  expect(renderTrial('guestnet', 'lo').map(shapeOf)).toEqual(real.map(shapeOf))
})
