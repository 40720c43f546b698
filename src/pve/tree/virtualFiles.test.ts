import { describe, expect, test } from 'vitest'
import { parseRunning, parseVersion, parseVmList, parseVnetsWithDhcp } from './virtualFiles.ts'

describe('.version', () => {
  const version = (given: object) =>
    parseVersion(JSON.stringify({ starttime: 1000, clinfo: 1, vmlist: 5, ...given }))

  test('changes with every guest’s file and with every start of pmxcfs', () => {
    expect(new Set([version({}), version({ vmlist: 6 }), version({ starttime: 1001 })]).size).toBe(3)
  })

  test('does not change with anything else', () => {
    expect(version({ clinfo: 2, kvstore: { pve1: { tasklist: 9 } } })).toBe(version({}))
  })

  test.each(['', '{"starttime": 1000, "vml', '{}', '[]'])('is not read by half: %j', text =>
    expect(parseVersion(text)).toBeUndefined(),
  )
})

describe('.vmlist', () => {
  test('lists VMs and containers', () => {
    const ids = {
      100: { node: 'pve1', type: 'qemu', version: 3 },
      101: { node: 'pve2', type: 'lxc', version: 4 },
      102: { node: 'pve2', type: 'openvz', version: 5 },
    }
    expect(parseVmList(JSON.stringify({ version: 4, ids }))).toEqual([
      { vmid: '100', node: 'pve1', type: 'qemu', version: 3 },
      { vmid: '101', node: 'pve2', type: 'lxc', version: 4 },
    ])
  })

  test('without ids says that there are no guests', () => {
    expect(parseVmList('{"version": 1}')).toEqual([])
  })

  test.each(['', '{"version": 4, "ids": {"100": {"no', '[]'])('is not read by half: %j', text =>
    expect(parseVmList(text)).toBeUndefined(),
  )
})

describe('the running configuration of the SDN', () => {
  const zones = { ids: { served: { type: 'simple', dhcp: 'dnsmasq' }, silent: { type: 'vlan' } } }
  const vnets = {
    ids: { vnet1: { zone: 'served' }, vnet2: { zone: 'silent' }, vnet3: { zone: 'gone' }, vnet4: {} },
  }

  test('tells the vnets whose zone has a DHCP server', () => {
    expect(parseVnetsWithDhcp(JSON.stringify({ zones, vnets }))).toEqual(new Set(['vnet1']))
  })

  test('is nothing while it is half written', () => {
    expect(parseVnetsWithDhcp('{"zones": {')).toBeUndefined()
  })

  test.each(['{}', JSON.stringify({ zones }), JSON.stringify({ vnets })])('may lack parts: %j', text =>
    expect(parseVnetsWithDhcp(text)).toEqual(new Set()),
  )
})

describe('.rrd', () => {
  test.each([
    ['pve2.3-vm/100:3600:web:running:1:', true],
    ['pve-vm-9.0/100:3600:web:running:1:', true],
    ['pve2.3-vm/100:0:web:stopped:1:', false],
    ['pve2-node/100:3600:0:1:', false],
    ['pve2-storage/pve1/100:3600:1:', false],
    ['', false],
  ])('%j: VM 100 runs: %s', (line, isRunning) =>
    expect(parseRunning(`pve2-node/pve1:1:2\n${line}\n`).has(100)).toBe(isRunning),
  )
})
