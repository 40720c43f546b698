import { expect, test } from 'vitest'
import type { Vmid } from '../../core/guest/names.ts'
import { toGuest } from './guest.ts'
import { parseGuestConfig } from './parsedConfig.ts'

const PLACE = { node: 'pve1', file: '/etc/pve/nodes/pve1/qemu-server/100.conf', vmid: 100 as Vmid }

test('a VM has the addresses of ipconfigN at the NIC of netN, with the line they are written in', () => {
  const text = [
    '# guestnet: off',
    'ipconfig1: ip=192.0.2.5/24,gw=192.0.2.1',
    'lock: migrate',
    'name: web',
    'net1: virtio=52:54:00:9E:CC:1E,bridge=vmbr0,firewall=1,tag=5,mtu=1',
    'net0: e1000',
  ].join('\n')
  expect(toGuest(parseGuestConfig(text, 'qemu'), PLACE)).toEqual({
    ...PLACE,
    type: 'qemu',
    name: 'web',
    template: false,
    lock: 'migrate',
    nics: [
      { index: 0, model: 'e1000', firewall: false, linkDown: false, addressing: {}, line: 6 },
      {
        index: 1,
        mac: '52:54:00:9e:cc:1e',
        model: 'virtio',
        bridge: 'vmbr0',
        tag: 5,
        firewall: true,
        linkDown: false,
        mtu: 1,
        addressing: { ip: '192.0.2.5/24', gw: '192.0.2.1' },
        line: 2,
      },
    ],
    notes: [{ text: ' guestnet: off', line: 1 }],
    problems: [],
  })
})

test('what a VM was started with, before its addresses were changed, is known from where Proxmox notes it', () => {
  const text = [
    'ipconfig0: ip=192.0.2.6/24',
    'net0: virtio=52:54:00:9E:CC:1E,bridge=vmbr0',
    'net1: virtio=52:54:00:9E:CC:1F,bridge=vmbr0',
    '',
    '[special:cloudinit]',
    'ipconfig0: ip=192.0.2.1/24',
    '',
    // Proxmox takes the later one.
    '[special:cloudinit]',
    'added: ipconfig1',
    'ipconfig0: ip=192.0.2.5/24',
    '',
    '[before]',
    'ipconfig1: ip=192.0.2.9/24',
  ].join('\n')
  const { nics } = toGuest(parseGuestConfig(text, 'qemu'), PLACE)
  expect(nics.map(({ addressing, atStart }) => ({ addressing, atStart }))).toEqual([
    { addressing: { ip: '192.0.2.6/24' }, atStart: { ip: '192.0.2.5/24' } },
    { addressing: {}, atStart: undefined },
  ])
})

test('a container has its addresses in netN', () => {
  const text = 'hostname: ct\nnet0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=192.0.2.7/24,ip6=auto'
  const guest = toGuest(parseGuestConfig(text, 'lxc'), PLACE)
  expect(guest.name).toBe('ct')
  expect(guest.nics).toEqual([
    {
      index: 0,
      mac: 'bc:24:11:00:00:01',
      bridge: 'vmbr0',
      firewall: false,
      linkDown: false,
      addressing: { ip: '192.0.2.7/24', ip6: 'auto' },
      line: 2,
    },
  ])
})

test.each([
  ['VM', 'qemu', 'net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,link_down=1'],
  ['container', 'lxc', 'net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,link_down=1'],
] as const)('that its cable is pulled is known of a %s', (_, type, text) => {
  expect(toGuest(parseGuestConfig(text, type), PLACE).nics).toMatchObject([{ linkDown: true }])
})

test('an address for a NIC that is not there comes to nothing', () => {
  expect(toGuest(parseGuestConfig('ipconfig5: ip=192.0.2.5/24', 'qemu'), PLACE).nics).toEqual([])
})

test('a problem says in which file and of which guest', () => {
  const { problems } = toGuest(parseGuestConfig('\nnet2: virtio,tag=0', 'qemu'), PLACE)
  expect(problems).toEqual([
    {
      code: 'config-value-invalid',
      message: 'net2: "tag=0" is not a VLAN number from 1 to 4094; Proxmox ignores the whole line',
      file: PLACE.file,
      vmid: 100,
      nic: 2,
      line: 2,
    },
  ])
})

test('name servers between bytes that Proxmox takes for blanks are apart', () => {
  const text = 'nameserver: 192.0.2.53\udca0198.51.100.53\n'
  expect(toGuest(parseGuestConfig(text, 'qemu'), PLACE).nameserver).toBe('192.0.2.53 198.51.100.53')
})
