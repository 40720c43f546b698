import { describe, expect, test } from 'vitest'
import { isFirewallLink, isGuestPort, linkNameOf, parseGuestLink } from './links.ts'
import type { GuestType, Vmid } from './names.ts'

test.each([
  ['qemu', 100, 0],
  ['lxc', 101, 31],
  ['qemu', 999_999_999, 9],
] as const)('the name of a guest’s port tells the guest: %s %i net%i', (type: GuestType, vmid, nic) => {
  const link = { type, vmid: vmid as Vmid, nic }
  expect(parseGuestLink(linkNameOf(link, nic))).toEqual(link)
})

describe('no guest’s port is', () => {
  test.each([
    ...['fwln100i0', 'fwpr100p0', 'fwbr100i0', 'tap100', 'tap100i', 'tapi0', 'tap100p0', 'tap100i0p0'],
    ...['veth1a2b3c', 'veth0100i0', 'veth100i00', 'vmbr0', 'eno1', 'tap1234567890i0', 'my-tap100i0', ''],
  ])('%j', link => {
    expect(parseGuestLink(link)).toBeUndefined()
    expect(isGuestPort(link)).toBe(false)
  })
})

test.each(['tap100i0', 'veth100i0'])('%s is a guest’s port, and no link of its firewall', link => {
  expect(isGuestPort(link)).toBe(true)
  expect(isFirewallLink(link)).toBe(false)
})

test.each([
  ['fwbr100i0', true],
  ['fwln100i0', true],
  ['fwln100o0', true],
  ['fwpr100p0', true],
  ['fwpr100i0', false],
  ['fwbr0', false],
  ['fwbr-mine', false],
  ['fw0', false],
])('is %s a link between a port and its bridge: %s', (link, expected) =>
  expect(isFirewallLink(link)).toBe(expected),
)
