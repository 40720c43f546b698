import { describe, expect, test } from 'vitest'
import { parseDhcpByVnet, parseQuorate, parseRunning, parseVersion, parseVmList } from './virtualFiles.ts'

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
  const zones = {
    ids: {
      served: { type: 'simple', dhcp: 'dnsmasq', ipam: 'pve' },
      untold: { type: 'simple', dhcp: 'dnsmasq' },
      silent: { type: 'vlan', ipam: 'pve' },
    },
  }
  const vnets = {
    ids: {
      vnet1: { type: 'vnet', zone: 'served' },
      vnet2: { type: 'vnet', zone: 'silent' },
      vnet3: { type: 'vnet', zone: 'gone' },
      vnet4: { type: 'vnet', zone: 'untold' },
      vnet5: {},
    },
  }
  const RANGE = { 'dhcp-range': ['start-address=10.0.0.10,end-address=10.0.0.99'] }

  test.each([
    ['no subnet', {}, undefined],
    ['an IPv4 subnet', { 'served-10.0.0.0-24': { vnet: 'vnet1', gateway: '10.0.0.1' } }, ['ipv4']],
    [
      'an IPv4 subnet with a range',
      { 'served-10.0.0.0-24': { vnet: 'vnet1', gateway: '10.0.0.1', ...RANGE } },
      ['ipv4'],
    ],
    ['an IPv4 subnet without a gateway', { 'served-10.0.0.0-24': { vnet: 'vnet1', ...RANGE } }, undefined],
    ['an IPv6 subnet', { 'served-2001:db8::-64': { vnet: 'vnet1', gateway: '2001:db8::1' } }, ['ipv6']],
    [
      'both',
      {
        'served-2001:db8::-64': { vnet: 'vnet1', gateway: '2001:db8::1' },
        'served-10.0.0.0-24': { vnet: 'vnet1', gateway: '10.0.0.1' },
      },
      ['ipv6', 'ipv4'],
    ],
    ['another zone’s subnet', { 'silent-10.0.0.0-24': { vnet: 'vnet1', gateway: '10.0.0.1' } }, undefined],
    ['nothing but nonsense', { nonsense: { vnet: 'vnet1', gateway: '10.0.0.1' } }, undefined],
  ])('a vnet of a zone with a DHCP server is served by the subnets it has: %s', (_, ids, families) => {
    const subnets = { ids }
    const expected = families ? new Map([['vnet1', new Set(families)]]) : new Map()
    expect(parseDhcpByVnet(JSON.stringify({ zones, vnets, subnets }))).toEqual(expected)
  })

  test.each(['vnet2', 'vnet3', 'vnet4', 'vnet5'])(
    'a vnet whose zone has no DHCP server, or one that is told of no guest, is not served: %s',
    vnet => {
      const zone = (vnets.ids as Record<string, { zone?: string }>)[vnet]?.zone ?? 'served'
      const subnets = { ids: { [`${zone}-10.0.0.0-24`]: { vnet, gateway: '10.0.0.1' } } }
      expect(parseDhcpByVnet(JSON.stringify({ zones, vnets, subnets }))).toEqual(new Map())
    },
  )

  test('is nothing while it is half written', () => {
    expect(parseDhcpByVnet('{"zones": {')).toBeUndefined()
  })

  test.each(['{}', JSON.stringify({ zones }), JSON.stringify({ vnets })])('may lack parts: %j', text =>
    expect(parseDhcpByVnet(text)).toEqual(new Map()),
  )
})

test.each([
  [
    '{"nodename":"pve1","version":3,"cluster":{"name":"lab","version":2,"nodes":2,"quorate":1},"nodelist":{}}',
    true,
  ],
  [
    '{"nodename":"pve1","version":3,"cluster":{"name":"lab","version":2,"nodes":2,"quorate":0},"nodelist":{}}',
    false,
  ],
  ['{"nodename":"pve1","version":0}', true],
  ['', true],
])('.members %s: a quorum is there: %s', (text, quorate) => expect(parseQuorate(text)).toBe(quorate))

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
