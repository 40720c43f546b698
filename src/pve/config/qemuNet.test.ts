import { expect, test } from 'vitest'
import { readQemuNet } from './qemuNet.ts'

const MAC = '52:54:00:9E:CC:1E'

test.each([
  [
    `virtio=${MAC},bridge=vmbr0,firewall=1,tag=+5`,
    { model: 'virtio', macaddr: '52:54:00:9e:cc:1e', bridge: 'vmbr0', firewall: true, tag: 5 },
  ],
  [`model=virtio,macaddr=${MAC}`, { model: 'virtio', macaddr: '52:54:00:9e:cc:1e' }],
  ['virtio,bridge=vmbr0', { model: 'virtio', bridge: 'vmbr0' }],
  ['e1000,trunks=2;3;10-20,link_down=no', { model: 'e1000', trunks: '2;3;10-20', link_down: false }],
  [
    'vmxnet3,mtu=1,queues=4,rate=12.5,host-tunnel=on',
    { model: 'vmxnet3', mtu: 1, queues: 4, rate: 12.5, 'host-tunnel': true },
  ],
])('a NIC is read with its values as what they are: %s', (text, value) =>
  expect(readQemuNet(text)).toEqual({ value }),
)

test.each([
  `virtio=${MAC},tag=0`,
  `virtio=${MAC},tag=4095`,
  'virtio=01:00:5e:00:00:01',
  'virtio=52-54-00-9e-cc-1e',
  'virtio,mtu=65521',
  'virtio,bridge=vmbr0 # uplink',
  'virtio,ip=dhcp',
  '"virtio"',
  'bridge=vmbr0',
])('a NIC with anything invalid is none: %s', text => expect(readQemuNet(text)).toHaveProperty('wrong'))
