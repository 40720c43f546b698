import { expect, test } from 'vitest'
import { ct, type GivenNic, vm, vmidOf } from '../../../test/builders.ts'
import type { Guest } from '../../core/guest/guest.ts'
import { GuestNotes, NO_NOTES } from '../../core/guest/notes.ts'
import { AnnouncePolicy } from '../../core/policy/announce.ts'
import { parseFastAnnouncer } from './file.ts'
import { importFastAnnouncer } from './import.ts'
import { renderImport } from './importText.ts'

function fileOf(vmid: number, given: object) {
  const content = { mac_address: macText(vmid), interface: 'vmbr0', table: 100, ...given }
  const parsed = parseFastAnnouncer(JSON.stringify(content), `${vmid}.json`, vmidOf(vmid))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

const macText = (vmid: number) => `52:54:00:00:00:${(vmid % 256).toString(16).padStart(2, '0')}`
const nic = (vmid: number, given: GivenNic = {}): GivenNic => ({ mac: macText(vmid), ...given })
const noNotes = () => NO_NOTES

test('the policy has each network with exactly its addresses', () => {
  const files = [
    fileOf(100, { ip_addresses: ['203.0.113.10', '2001:db8::10/128'] }),
    fileOf(101, { ip_addresses: ['203.0.113.11'] }),
    fileOf(102, { ip_addresses: ['198.51.100.7'], interface: 'vmbr0.5' }),
    fileOf(103, { ip_addresses: ['198.51.100.9'], interface: 'transit' }),
  ]
  const guests = [vm(103, [nic(103, { bridge: 'vmbr1', tag: 7 })])]
  const { table, networks, notes } = importFastAnnouncer(files, guests, noNotes)
  expect(networks).toEqual([
    { bridge: 'vmbr0', prefixes: ['203.0.113.10/31', '2001:db8::10/128'] },
    { bridge: 'vmbr0', tag: 5, prefixes: ['198.51.100.7/32'] },
    { bridge: 'vmbr1', tag: 7, device: 'transit', prefixes: ['198.51.100.9/32'] },
  ])
  expect(AnnouncePolicy.safeParse({ table, networks, notes }).success).toBe(true)
})

function imported(guest: Guest, given: object, notes: object = {}) {
  const [only] = importFastAnnouncer([fileOf(100, given)], [guest], () => GuestNotes.parse(notes)).guests
  return only
}

test('an address that the guest has already needs nothing', () => {
  expect(
    imported(vm(100, [nic(100, { ip: '203.0.113.10/24' })]), { ip_addresses: ['203.0.113.10'] }),
  ).toMatchObject({
    ipconfig: [],
    routes: [],
    remarks: [],
  })
})

test('the first address of each family goes to the NIC, others behind it', () => {
  const given = { ip_addresses: ['203.0.113.10', '203.0.113.11', '2001:db8::10'] }
  expect(imported(vm(100, [nic(1), nic(100)]), given)).toMatchObject({
    nic: 1,
    ipconfig: ['ip=203.0.113.10/32', 'ip6=2001:db8::10/128'],
    routes: ['203.0.113.11/32'],
  })
})

test('networks become routes in the Notes, once', () => {
  const guest = vm(100, [nic(100, { ip: '203.0.113.10/24' })])
  const given = {
    ip_addresses: ['203.0.113.10'],
    ip_networks: [{ network: '203.0.113.64/28', next_hop: '203.0.113.10' }, '2001:db8:1::/64'],
  }
  expect(imported(guest, given)).toMatchObject({
    routes: ['203.0.113.64/28', '2001:db8:1::/64'],
    remarks: ['Its routes need an IPv6 address of the guest’s own.'],
  })
  expect(imported(guest, given, { routes: ['203.0.113.64/28', '2001:db8:1::/64'] })?.routes).toEqual([])
})

test('another next hop than guestnet’s is pointed out', () => {
  const guest = vm(100, [nic(100, { ip: '203.0.113.9/24' })])
  const given = {
    ip_addresses: ['203.0.113.10'],
    ip_networks: [{ network: '203.0.113.64/28', next_hop: '203.0.113.10' }],
  }
  expect(imported(guest, given)?.remarks).toEqual([
    '203.0.113.64/28 then goes by 203.0.113.9, not by 203.0.113.10.',
  ])
})

test('a guest or NIC that is not there is told', () => {
  expect(imported(vm(101, []), { ip_addresses: ['203.0.113.10'] })?.remarks).toHaveLength(1)
  expect(imported(vm(100, [nic(1)]), { ip_addresses: ['203.0.113.10'] })).toMatchObject({
    ipconfig: [],
    remarks: [expect.stringContaining('no NIC with the MAC 52:54:00:00:00:64')],
  })
})

test('a table of the host’s, and a second table, are told', () => {
  const tableAndRemarks = (...tables: number[]) => {
    const files = tables.map((table, index) => fileOf(100 + index, { table }))
    const { table, remarks } = importFastAnnouncer(files, [], noNotes)
    return [table, remarks.length]
  }
  expect(tableAndRemarks(254)).toEqual([100, 1])
  expect(tableAndRemarks(252)).toEqual([100, 1])
  expect(tableAndRemarks(251)).toEqual([251, 0])
  expect(tableAndRemarks(7, 9, 9)).toEqual([9, 1])
  expect(tableAndRemarks(9, 9)).toEqual([9, 0])
})

test('in text it can be pasted', () => {
  const files = [
    fileOf(100, {
      ip_addresses: ['203.0.113.10', '2001:db8::10'],
      ip_networks: [{ network: '203.0.113.64/28', next_hop: '203.0.113.10' }],
    }),
    fileOf(101, { ip_addresses: ['203.0.113.11'] }),
  ]
  const guests = [ct(100, [nic(100)], { name: 'web' }), vm(101, [nic(101, { ip: '203.0.113.11/32' })])]
  expect(renderImport(importFastAnnouncer(files, guests, noNotes))).toBe(
    [
      '# The policy, /etc/pve/guestnet.yaml:',
      'announce:',
      '  table: 100',
      '  notes: trusted # whoever may edit a guest’s Notes can have prefixes announced',
      '  networks:',
      '    - bridge: vmbr0',
      '      prefixes:',
      '        - 203.0.113.10/31',
      '        - 203.0.113.64/28',
      '        - "2001:db8::10/128"',
      '',
      '# Guest 100 (web):',
      '# Add the gateway that the guest has; guestnet then offers the address by DHCP, too.',
      '# added to net0:',
      'net0: ip=203.0.113.10/32,ip6=2001:db8::10/128',
      '# in its Notes:',
      '```guestnet',
      'routes:',
      '  - 203.0.113.64/28',
      '```',
      '',
      '# Nothing to do for 101.',
    ].join('\n'),
  )
})
