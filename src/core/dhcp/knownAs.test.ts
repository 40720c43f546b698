import fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownAs, PROBE_KNOWN_AS } from './knownAs.ts'

const anyNic = fc.record({
  type: fc.constantFrom('qemu' as const, 'lxc' as const),
  vmid: fc.integer({ min: 1, max: 999_999_999 }),
  nic: fc.integer({ min: 0, max: 31 }),
})

test('a NIC is known by its name', () => {
  expect(knownAs({ type: 'qemu', vmid: 100, nic: 0 })).toEqual({
    address: 'fe80::200:ff:fe00:6400',
    mac: '00:00:00:00:64:00',
  })
  expect(knownAs({ type: 'lxc', vmid: 999_999_999, nic: 31 })).toEqual({
    address: 'fe80::63b:9aff:fec9:ff1f',
    mac: '04:3b:9a:c9:ff:1f',
  })
})

test('no two NICs are known by the same, nor is the probe', () => {
  fc.assert(
    fc.property(anyNic, anyNic, (one, other) => {
      const isSame = one.type === other.type && one.vmid === other.vmid && one.nic === other.nic
      expect(knownAs(one).mac === knownAs(other).mac).toBe(isSame)
      expect(knownAs(one).address === knownAs(other).address).toBe(isSame)
      expect(knownAs(one).mac).not.toBe(PROBE_KNOWN_AS.mac)
    }),
  )
})
