import { describe, expect, test } from 'vitest'
import { ct, type GivenNic, vm } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import type { Address } from '../values/address.ts'
import { addressPlaceOf, claimsOf, macPlaceOf } from './claim.ts'

const X = { ip: '192.0.2.5/24' }

const addressesOf = (guest: Guest) => claimsOf(guest).map(({ address }) => address)

test('a guest claims the addresses of all its NICs, of both families, whether it runs or not', () => {
  expect(addressesOf(vm(100, [{ ...X, ip6: '2001:db8::5/64' }, { ip: '198.51.100.5/32' }]))).toEqual([
    '192.0.2.5',
    '2001:db8::5',
    '198.51.100.5',
  ])
})

describe('no address is claimed', () => {
  test.each<[string, Guest]>([
    ['by a template', vm(100, [X], { template: true })],
    ['by a NIC without a MAC address, which nobody knows', vm(100, [{ ...X, mac: null }])],
    ['by a NIC on no bridge', vm(100, [{ ...X, bridge: null }])],
    ['that no host can have', vm(100, [{ ip: '224.0.0.5/24' }])],
    ['by DHCP', vm(100, [{ ip: 'dhcp' }])],
    ['by hand', ct(100, [{ ip: 'manual' }])],
  ])('%s', (_, guest) => expect(claimsOf(guest)).toEqual([]))
})

test('a claim says where its address is written', () => {
  const further = { file: '/var/lib/100.json', addresses: [], routes: [] }
  const [nic] = vm(100, [X]).nics
  if (!nic) throw new Error('there is one')
  const addressing = { ...nic.addressing, further: ['192.0.2.77' as Address] }
  const guest = vm(100, [], { nics: [{ ...nic, addressing, line: 7 }], further } as object)
  expect(claimsOf(guest).map(({ address, where }) => [address, where])).toEqual([
    ['192.0.2.5', { file: 'qemu-server/100.conf', line: 7 }],
    ['192.0.2.77', { file: '/var/lib/100.json' }],
  ])
})

const claimOf = (nic: GivenNic, given: Partial<Guest> = {}) => {
  const { vmid: _, type: __, nics: ___, ...rest } = given
  const [claim] = claimsOf(vm(100, [{ ...X, ...nic }], rest))
  if (!claim) throw new Error('the test’s own guest claims nothing')
  return claim
}

describe('what only one NIC can have:', () => {
  test.each<[string, GivenNic, boolean]>([
    ['an address is the same one whatever mask stands with it', { ip: '192.0.2.5/32' }, true],
    ['in another VLAN it is another one', { tag: 5 }, false],
    ['on another bridge it is another one', { bridge: 'vmbr1' }, false],
    ['another address is another one', { ip: '192.0.2.6/24' }, false],
  ])('%s', (_, nic, isSame) => {
    const places = [{}, nic].map(given => addressPlaceOf(claimOf(given)))
    expect(places[0] === places[1]).toBe(isSame)
  })

  test('an address, wherever in the cluster the guest is; a MAC address on one node', () => {
    const here = claimOf({})
    const elsewhere = claimOf({}, { node: 'pve2' })
    expect(addressPlaceOf(elsewhere)).toBe(addressPlaceOf(here))
    expect(macPlaceOf(elsewhere)).not.toBe(macPlaceOf(here))
    expect(macPlaceOf(claimOf({ bridge: 'vmbr1' }))).toBe(macPlaceOf(here))
  })
})
