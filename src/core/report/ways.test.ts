import { expect, test } from 'vitest'
import { ct, offer, vm } from '../../../test/builders.ts'
import type { Prefix } from '../values/address.ts'
import { explain } from './explain.ts'
import { REPORT_VERSION, type Report } from './report.ts'
import { guestWays } from './ways.ts'

const HERE = vm(101, [{ ip: '192.0.2.101/24' }, { ip: 'dhcp', tag: 5 }], { name: 'db' })
const CONTAINER = ct(100, [{ ip: '192.0.2.100/24' }])
const GONE = vm(102, [{ ip: '192.0.2.102/24' }], { node: 'pve2' })
const ELSEWHERE = vm(103, [{ ip: '192.0.2.103/24' }], { node: 'pve2' })
const BRIDGELESS = vm(104, [{ bridge: null, mac: null, ip: '192.0.2.104/24' }])

const REPORT: Report = {
  version: REPORT_VERSION,
  node: 'pve1',
  name: 'guestnet',
  time: 0,
  complete: true,
  policy: 'file',
  nics: [100, 101, 102].map(vmid => ({
    vmid,
    type: vmid === 100 ? 'lxc' : 'qemu',
    nic: 0,
    family: 'ipv4',
    state: 'stopped',
    offer: offer(vmid),
  })),
  servers: [],
  announcing: {
    table: 100,
    announcements: [101, 102].map(vmid => ({
      prefix: `192.0.2.${vmid}/32` as Prefix,
      vmid,
      device: 'vmbr0',
      route: true,
      neighbour: vmid === 101,
    })),
    rules: true,
    standby: [],
    notForwarded: [],
    peers: [],
    drained: 'no',
    withheld: [],
  },
  problems: [],
}
const GUESTS = [HERE, CONTAINER, GONE, ELSEWHERE, BRIDGELESS]

test('the guests of this node are told, and those that it still has something of', () => {
  expect([...guestWays(GUESTS, REPORT)].map(({ vmid }) => vmid)).toEqual([100, 101, 102, 104])
})

test.each(GUESTS)('of guest $vmid the same is told as explain tells', guest => {
  const told = [...guestWays(GUESTS, REPORT)].find(({ vmid }) => vmid === guest.vmid)
  if (guest === ELSEWHERE) return expect(told).toBeUndefined()
  expect(told?.nics.map(({ nic, steps, announced }) => ({ nic, steps, announced }))).toEqual(
    explain(guest, REPORT),
  )
})

test('each NIC comes with what people look for it by', () => {
  const [, told, , bridgeless] = guestWays(GUESTS, REPORT)
  expect(told).toMatchObject({ type: 'qemu', name: 'db', node: 'pve1', file: 'qemu-server/101.conf' })
  expect(told?.nics).toMatchObject([
    { link: 'tap101i0', addresses: ['192.0.2.101'], mac: '52:54:00:00:65:00', network: { bridge: 'vmbr0' } },
    { link: 'tap101i1', addresses: [], network: { bridge: 'vmbr0', tag: 5 } },
  ])
  expect(bridgeless?.nics[0]).not.toHaveProperty('network')
  expect(bridgeless?.nics[0]).not.toHaveProperty('mac')
})
