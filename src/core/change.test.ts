import { describe, expect, test } from 'vitest'
import { ipv4, offer, portOf, slotLink } from '../../test/builders.ts'
import { markedRoute, neighbourAt, proxyFor, routeTo } from '../../test/routings.ts'
import { type Change, describeChange } from './change.ts'
import { ruleLabel, type Service } from './dhcp/service.ts'

const OFFER = offer(100, { mac: '52:54:00:9e:cc:1e' })
const SERVICE: Service = { kind: 'dhcp', server: 'dhcp4-1', offer: OFFER }
const LINK = slotLink(2)

describe('each change is described in one sentence', () => {
  const start = { kind: 'server-start', server: 'dhcp4-1', slot: 2, config: '' } as const

  test.each<[Change, string]>([
    [{ kind: 'table-create' }, 'create the nftables table'],
    [{ kind: 'slot-create', slot: 2, repair: false }, 'build namespace and link 2'],
    [{ kind: 'slot-create', slot: 2, repair: true }, 'rebuild namespace and link 2'],
    [{ kind: 'slot-name', slot: 2, pid: 77 }, 'name the namespace of Kea 77 again'],
    [{ ...start, offers: [OFFER] }, 'start Kea dhcp4-1 in namespace 2 with 1 reservation'],
    [{ ...start, offers: [OFFER, OFFER] }, 'start Kea dhcp4-1 in namespace 2 with 2 reservations'],
    [
      { kind: 'slot-open', slot: 2, link: LINK },
      "open the way to guestnet-2, and from there back to the guests' ports",
    ],
    [
      { kind: 'server-switch', server: 'dhcp4-1', slot: 2, link: LINK },
      'send requests for dhcp4-1 to namespace 2',
    ],
    [
      { kind: 'port-serve', port: portOf(OFFER), stale: { chain: false, elements: [] } },
      'serve VM 100 net0 at tap100i0: 192.0.2.100 for 52:54:00:9e:cc:1e, by dhcp4-1',
    ],
    [{ kind: 'port-release', link: 'tap100i0' }, 'stop serving tap100i0'],
    [
      { kind: 'element-remove', element: `ipv4 ${OFFER.mac}` },
      'remove the reply port of ipv4 52:54:00:9e:cc:1e',
    ],
    [{ kind: 'switch-remove', server: 'dhcp4-2' }, 'remove the chain of dhcp4-2'],
    [
      { kind: 'route-set', table: 100, route: routeTo('203.0.113.64/28', 'vmbr0', '203.0.113.10') },
      'add route 203.0.113.64/28 via 203.0.113.10 dev vmbr0 table 100',
    ],
    [
      { kind: 'route-remove', route: markedRoute(routeTo('203.0.113.1/32'), { table: 99 }) },
      'remove route 203.0.113.1/32 from table 99',
    ],
    [
      { kind: 'neighbour-set', neighbour: neighbourAt('203.0.113.1', OFFER.mac) },
      'add neighbour entry 203.0.113.1 lladdr 52:54:00:9e:cc:1e dev vmbr0',
    ],
    [
      { kind: 'neighbour-remove', neighbour: neighbourAt('203.0.113.1', OFFER.mac) },
      'remove neighbour entry 203.0.113.1 dev vmbr0',
    ],
    [
      { kind: 'proxy-set', proxy: proxyFor('2001:db8::20') },
      'add proxy neighbour entry 2001:db8::20 dev vmbr0',
    ],
    [
      { kind: 'proxy-remove', proxy: proxyFor('2001:db8::20') },
      'remove proxy neighbour entry 2001:db8::20 dev vmbr0',
    ],
    [{ kind: 'rule-add', rule: { family: 'ipv4', table: 100 } }, 'add rule 5100: all IPv4 lookup 100'],
    [
      {
        kind: 'rule-remove',
        rule: { family: 'ipv6', table: 99, pref: 7, device: 'vmbr1', peculiar: true },
      },
      'remove rule 7: IPv6 iif vmbr1 lookup 99',
    ],
    [
      {
        kind: 'gateway-set',
        gateway: { device: 'vmbr0', ipv4: ipv4('172.31.1.1') },
        missing: ['ipv4', 'proxyArp'],
      },
      "give vmbr0 the gateway's address 172.31.1.1, proxy ARP",
    ],
    [
      { kind: 'gateway-remove', device: 'vmbr0', address: ipv4('172.31.1.1'), last: true },
      "remove the gateway's address 172.31.1.1 from vmbr0",
    ],
    [{ kind: 'bird-start' }, 'start BIRD'],
    [{ kind: 'bird-start', former: 7 }, 'end BIRD process 7, which does not answer, and start another'],
    [{ kind: 'sysctl-set', name: 'net.ipv4.ip_forward', value: '1' }, 'set net.ipv4.ip_forward to 1'],
    [{ kind: 'server-retire', slot: 1, pid: 77 }, 'end Kea process 77 in namespace 1'],
    [{ kind: 'server-retire', slot: 1 }, 'remove the files of a dead Kea in namespace 1'],
  ])('%o', (change, sentence) => expect(describeChange(change)).toBe(sentence))
})

describe('a rule’s label differs with everything its rule depends on:', () => {
  test.each<[string, Service]>([
    ['the guest', { ...SERVICE, offer: offer(101, { mac: OFFER.mac }) }],
    ['its kind', { ...SERVICE, offer: { ...OFFER, type: 'lxc' } }],
    ['the NIC', { ...SERVICE, offer: { ...OFFER, nic: 1 } }],
    ['the MAC address', { ...SERVICE, offer: offer(100) }],
    ['the server', { ...SERVICE, server: 'dhcp4-2' }],
    ['the family', { ...SERVICE, server: 'dhcp6-1' }],
  ])('%s', (_, other) => expect(ruleLabel(other)).not.toBe(ruleLabel(SERVICE)))

  test('and not with the address, which only Kea knows', () => {
    const edited = { ...SERVICE, offer: offer(100, { mac: OFFER.mac, address: '192.0.2.77/24' }) }
    expect(ruleLabel(edited)).toBe(ruleLabel(SERVICE))
  })
})

test('a label fits a comment of nftables, 128 characters', () => {
  const longest: Service = { kind: 'dhcp', server: 'dhcp4-999', offer: offer(999_999_999, { nic: 31 }) }
  expect(ruleLabel(longest).length).toBeLessThan(128)
})
