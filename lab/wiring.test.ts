import { expect, test } from 'vitest'
import { parseMac } from '../src/core/values/mac.ts'
import { type Bridge, type WiringInput, wireNic } from './wiring.ts'

const VMBR0: Bridge = { name: 'vmbr0', mtu: 1500, vlanAware: false }

function wire(input: { type?: 'qemu' | 'lxc'; nic?: Partial<WiringInput['nic']>; bridge?: Bridge } = {}) {
  const mac = parseMac('52:54:00:9e:00:64')
  return wireNic({
    guest: { type: input.type ?? 'qemu', vmid: 100 as WiringInput['guest']['vmid'] },
    nic: { index: 0, firewall: false, ...(mac && { mac }), ...input.nic },
    bridge: input.bridge ?? VMBR0,
    namespace: 'guest',
  })
}

test('a plain VM has its tap in the bridge', () => {
  expect(wire()).toEqual({
    port: 'tap100i0',
    create: [
      'link add tap100i0 mtu 1500 type veth peer name eth0 address 52:54:00:9e:00:64 mtu 1500 netns guest',
    ],
    withoutIpv6: ['tap100i0'],
    up: ['link set tap100i0 mtu 1500 master vmbr0 up'],
    vlan: [],
    remove: ['tap100i0'],
  })
})

test('a container has a veth', () => {
  expect(wire({ type: 'lxc', nic: { index: 3 } }).port).toBe('veth100i3')
})

test('a firewalled NIC has a bridge of its own, linked to the real one', () => {
  const wiring = wire({ nic: { firewall: true } })
  expect(wiring.up).toEqual([
    'link set fwbr100i0 up',
    'link set fwpr100p0 master vmbr0 up',
    'link set fwln100i0 master fwbr100i0 up',
    'link set tap100i0 mtu 1500 master fwbr100i0 up',
  ])
  expect(wiring.withoutIpv6).toEqual(['tap100i0', 'fwbr100i0', 'fwpr100p0', 'fwln100i0'])
})

test('a tag means a bridge of its own where the bridge does not know VLANs', () => {
  expect(wire({ nic: { tag: 5 } }).up).toEqual(['link set tap100i0 mtu 1500 master vmbr0v5 up'])
  expect(wire({ nic: { tag: 5 } }).vlan).toEqual([])
})

test('a tag is set on the port in the real bridge where that knows VLANs', () => {
  const wiring = wire({ nic: { tag: 5, firewall: true }, bridge: { ...VMBR0, vlanAware: true } })
  expect(wiring.up).toContain('link set fwpr100p0 master vmbr0 up')
  expect(wiring.vlan).toEqual([
    'vlan del dev fwpr100p0 vid 1-4094',
    'vlan add dev fwpr100p0 vid 5 pvid untagged',
  ])
})

test.each([
  [undefined, 9000],
  [1, 9000],
  [1400, 1400],
])('with mtu=%s in a bridge of 9000 the guest has %i', (mtu, expected) => {
  const bridge = { ...VMBR0, mtu: 9000 }
  const [line] = wire({ bridge, nic: mtu === undefined ? {} : { mtu } }).create
  expect(line).toMatch(new RegExp(`^link add tap100i0 mtu 9000 .* mtu ${expected} netns guest$`))
})
