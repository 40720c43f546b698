import { expect, test } from 'vitest'
import { readLxcNet } from './lxcNet.ts'

test('an interface is read with its addresses in canonical form', () => {
  const text =
    'name=eth0,hwaddr=BC:24:11:00:00:01,bridge=vmbr0,ip=192.0.2.7/024,gw=192.0.2.1,ip6=2001:DB8::7/64,gw6=FE80::1,type=veth'
  expect(readLxcNet(text)).toEqual({
    value: {
      name: 'eth0',
      hwaddr: 'bc:24:11:00:00:01',
      bridge: 'vmbr0',
      ip: '192.0.2.7/24',
      gw: '192.0.2.1',
      ip6: '2001:db8::7/64',
      gw6: 'fe80::1',
      type: 'veth',
    },
  })
})

test('the type is veth where none is written', () => {
  expect(readLxcNet('name=eth0')).toEqual({ value: { name: 'eth0', type: 'veth' } })
})

test('a gateway beside dhcp is as good as any, other than for a VM', () => {
  expect(readLxcNet('name=eth0,ip=dhcp,gw=192.0.2.1')).toHaveProperty('value.gw', '192.0.2.1')
})

test.each([
  'bridge=vmbr0',
  'eth0',
  'name=eth0,mtu=1',
  'name=eth0,trunks=2-5',
  'name=eth0,type=phys',
  'name=eth0,queues=1',
  'name=eth 0',
])('an interface with anything invalid is none: %s', text => expect(readLxcNet(text)).toHaveProperty('wrong'))
