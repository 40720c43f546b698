import { expect, test } from 'vitest'
import { FORWARDING, missingForwarding } from './forwarding.ts'

const BOTH = ['ipv4', 'ipv6'] as const
const HOST = { ipv4: false, ipv6: false, advertised: [] }
const ROUTER = { ipv4: true, ipv6: true, advertised: [] }

test('a router has nothing to set, and a host only the families that are announced', () => {
  expect(missingForwarding(BOTH, ROUTER)).toEqual([])
  expect(missingForwarding(['ipv4'], HOST)).toEqual([FORWARDING.ipv4])
  expect(missingForwarding(['ipv6'], HOST)).toEqual([FORWARDING.ipv6])
})

test('advertisements are accepted before IPv6 is forwarded, or the host would lose its default route', () => {
  const advertised = [{ device: 'vmbr0.5', acceptRa: '1' }]
  expect(missingForwarding(BOTH, { ...HOST, advertised })).toEqual([
    { name: 'net.ipv6.conf.vmbr0/5.accept_ra', value: '2' },
    FORWARDING.ipv6,
    FORWARDING.ipv4,
  ])
  expect(missingForwarding(['ipv4'], { ...HOST, advertised })).toEqual([FORWARDING.ipv4])
})

test.each(['0', '2'])('accept_ra=%s stays as it is', acceptRa => {
  expect(missingForwarding(BOTH, { ...ROUTER, advertised: [{ device: 'vmbr0', acceptRa }] })).toEqual([])
})
