import { describe, expect, test } from 'vitest'
import type { Network } from '../values/network.ts'
import { DhcpPolicy, exclusionOf } from './dhcp.ts'

function isServed(policy: DhcpPolicy, network: Network): boolean {
  return exclusionOf(policy, network, 'ipv4') === undefined
}

describe('a lease', () => {
  test.each([
    ['60s', 60],
    ['90s', 90],
    ['30m', 1800],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['3600', 3600],
    [7200, 7200],
  ])('of %j lasts %i seconds', (lease, seconds) => {
    expect(DhcpPolicy.parse({ lease }).lease).toBe(seconds)
  })

  test.each([
    '59s',
    59,
    '31d',
    2_592_001,
    '1.5h',
    1.5,
    '1h30m',
    '1 h',
    '1w',
    '-1h',
    '',
    true,
    null,
    Number.NaN,
  ])('of %j is refused', lease => expect(DhcpPolicy.safeParse({ lease }).success).toBe(false))
})

describe('a network is served', () => {
  test('unless the policy says otherwise', () => {
    expect(isServed(DhcpPolicy.parse({}), { bridge: 'vmbr0', tag: 5 })).toBe(true)
    expect(isServed(DhcpPolicy.parse({ enabled: false }), { bridge: 'vmbr0' })).toBe(false)
  })

  test.each([
    [{ bridge: 'vmbr9' }, false],
    [{ bridge: 'vmbr9', tag: 7 }, false],
    [{ bridge: 'vmbr0' }, true],
    [{ bridge: 'vmbr0', tag: 5 }, false],
    [{ bridge: 'vmbr0', tag: 6 }, true],
  ])('unless it is excluded, by its bridge or its VLAN: %j %s', (network, served) => {
    const networks = [{ bridge: 'vmbr9' }, { bridge: 'vmbr0', tag: 5 }]
    expect(isServed(DhcpPolicy.parse({ exclude: networks }), network)).toBe(served)
    expect(isServed(DhcpPolicy.parse({ only: networks }), network)).toBe(!served)
  })

  test('by nobody where `only` names none', () => {
    expect(isServed(DhcpPolicy.parse({ only: [] }), { bridge: 'vmbr0' })).toBe(false)
  })
})

test.each([
  [['quiet', 'root=/dev/vda1, ro'], true],
  [['x'.repeat(127)], true],
  [[''], false],
  [['é'], false],
  [Array(9).fill('a'), false],
])('parameters of what is booted over IPv6: %j %s', (parameters6, fits) => {
  expect(DhcpPolicy.safeParse({ boot: { parameters6 } }).success).toBe(fits)
})

describe('a boot file', () => {
  test.each([
    ['ipxe.efi', true],
    ['x'.repeat(127), true],
    ['x'.repeat(128), false],
    ['', false],
    ['a b', false],
    ['é', false],
    ['a\u0000', false],
  ])('fits the field of a DHCP message: %j %s', (bios, fits) => {
    expect(DhcpPolicy.safeParse({ boot: { bios } }).success).toBe(fits)
  })
})
