import { describe, expect, test } from 'vitest'
import { offer, slotLink } from '../../test/builders.ts'
import { type Change, describeChange } from './change.ts'
import { type Port, portLabel } from './dhcp/change.ts'

const OFFER = offer(100, { mac: '52:54:00:9e:cc:1e' })
const PORT: Port = { link: OFFER.link, ifindex: 2, server: 1, offer: OFFER }
const LINK = slotLink(2)

describe('each change is described in one sentence', () => {
  const start = { kind: 'server-start', server: 1, slot: 2, config: '' } as const

  test.each<[Change, string]>([
    [{ kind: 'table-create' }, 'create the nftables table'],
    [{ kind: 'slot-create', slot: 2, repair: false }, 'build namespace and link 2'],
    [{ kind: 'slot-create', slot: 2, repair: true }, 'rebuild namespace and link 2'],
    [{ kind: 'slot-name', slot: 2, pid: 77 }, 'name the namespace of Kea 77 again'],
    [{ ...start, offers: [OFFER] }, 'start Kea for server 1 in namespace 2 with 1 reservation'],
    [{ ...start, offers: [OFFER, OFFER] }, 'start Kea for server 1 in namespace 2 with 2 reservations'],
    [{ kind: 'replies-open', slot: 2, link: LINK }, "let replies from guestnet-2 out to the guests' ports"],
    [{ kind: 'server-switch', server: 1, slot: 2, link: LINK }, 'send requests for server 1 to namespace 2'],
    [
      { kind: 'port-serve', port: PORT, stale: { chain: false, element: false } },
      'serve VM 100 net0 at tap100i0: 192.0.2.100 for 52:54:00:9e:cc:1e, server 1',
    ],
    [{ kind: 'port-release', link: 'tap100i0' }, 'stop serving tap100i0'],
    [{ kind: 'element-remove', mac: OFFER.mac }, 'forget the port of 52:54:00:9e:cc:1e'],
    [{ kind: 'switch-remove', server: 2 }, 'stop sending requests to server 2'],
    [{ kind: 'sysctl-set', name: 'net.ipv4.ip_forward', value: '1' }, 'set net.ipv4.ip_forward to 1'],
    [{ kind: 'server-retire', slot: 1, pid: 77 }, 'end Kea 77 in namespace 1'],
  ])('%o', (change, sentence) => expect(describeChange(change)).toBe(sentence))
})

describe('a port’s label differs with everything its rule depends on:', () => {
  test.each<[string, Port]>([
    ['the guest', { ...PORT, offer: offer(101, { mac: OFFER.mac }) }],
    ['its kind', { ...PORT, offer: { ...OFFER, type: 'lxc' } }],
    ['the NIC', { ...PORT, offer: { ...OFFER, nic: 1 } }],
    ['the MAC address', { ...PORT, offer: offer(100) }],
    ['the server', { ...PORT, server: 2 }],
  ])('%s', (_, other) => expect(portLabel(other)).not.toBe(portLabel(PORT)))

  test('and not with the address, which only Kea knows', () => {
    const edited = { ...PORT, offer: offer(100, { mac: OFFER.mac, address: '192.0.2.77/24' }) }
    expect(portLabel(edited)).toBe(portLabel(PORT))
  })
})

test('a label fits a comment of nftables, 128 characters', () => {
  const longest = { ...PORT, server: 999, offer: offer(999_999_999, { nic: 31 }) }
  expect(portLabel(longest).length).toBeLessThan(128)
})
