import { expect, test } from 'vitest'
import { PmxcfsCounters } from './pmxcfs.ts'

test('without guests the list has no ids', () => {
  expect(new PmxcfsCounters(['pve1'], 1000).vmlist()).toEqual({ version: 1 })
})

test('each write counts once for the list and gives the guest another version', () => {
  const counters = new PmxcfsCounters(['pve1'], 1000)
  counters.register(100, 'pve1', 'qemu')
  counters.register(101, 'pve1', 'lxc')
  counters.register(100, 'pve1', 'qemu')
  expect(counters.vmlist()).toEqual({
    version: 4,
    ids: { 100: { node: 'pve1', type: 'qemu', version: 3 }, 101: { node: 'pve1', type: 'lxc', version: 2 } },
  })
  expect(counters.version()).toMatchObject({ starttime: 1000, vmlist: 4 })
})

test('a restart renumbers the guests and starts the list over', () => {
  const counters = new PmxcfsCounters(['pve1'], 1000)
  counters.register(101, 'pve1', 'lxc')
  counters.register(101, 'pve1', 'lxc')
  counters.restart(1000)
  expect(counters.version()).toMatchObject({ starttime: 1001, vmlist: 1 })
  expect(counters.vmlist()).toMatchObject({ version: 1, ids: { 101: { version: 1 } } })
})

test('only tracked files are counted', () => {
  const counters = new PmxcfsCounters(['pve1'], 1000)
  counters.touch('sdn/.running-config')
  counters.touch('guestnet.yaml')
  expect(counters.version()).toMatchObject({ 'sdn/.running-config': 2 })
  expect(counters.version()).not.toHaveProperty('guestnet.yaml')
})

test('a cluster lists its members, a single node only itself', () => {
  expect(new PmxcfsCounters(['pve1'], 1000).members()).toEqual({ nodename: 'pve1', version: 1 })
  expect(new PmxcfsCounters(['pve1', 'pve2'], 1000).members()).toMatchObject({
    nodename: 'pve1',
    cluster: { nodes: 2, quorate: 1 },
    nodelist: { pve2: { id: 2, online: 1 } },
  })
})
