import { expect, test } from 'vitest'
import { parseReport } from './parseReport.ts'

test('a file without anything has every field all the same', () => {
  expect(parseReport('guest.conf', '')).toEqual({
    type: 'qemu',
    vmid: null,
    name: null,
    template: false,
    nameserver: null,
    searchdomain: null,
    nets: {},
    ipconfigs: {},
    problems: [],
  })
})

test.each([
  ['/etc/pve/lxc/101.conf', 'lxc', 101],
  ['/etc/pve/nodes/a/qemu-server/100.conf', 'qemu', 100],
  ['100.conf', 'qemu', 100],
  ['0100.conf', 'qemu', null],
  ['x100.conf', 'qemu', null],
  ['/lxc/100/guest', 'lxc', null],
] as const)('type and number come from the path: %s', (path, type, vmid) =>
  expect(parseReport(path, '')).toMatchObject({ type, vmid }),
)

test('a type that is given counts more than the path', () => {
  expect(parseReport('/lxc/101.conf', 'name: web', 'qemu')).toMatchObject({ type: 'qemu', name: 'web' })
})

test('NICs and addresses are keyed as in the file, in ascending order, without places', () => {
  const report = parseReport('100.conf', 'net10: virtio\nnet2: e1000\nipconfig2: ')
  expect(JSON.stringify(report.nets)).toBe('{"net2":{"model":"e1000"},"net10":{"model":"virtio"}}')
  expect(report.ipconfigs).toEqual({ ipconfig2: { ip: 'dhcp', ip6: 'dhcp' } })
})

test('a problem has a code, a line and a message, and nothing else', () => {
  expect(parseReport('100.conf', 'net0: virtio,foo=1').problems).toEqual([
    {
      code: 'config-value-invalid',
      line: 1,
      message: 'net0: `foo` is not an option that Proxmox knows here; Proxmox ignores the whole line',
    },
  ])
})
