import { describe, expect, test } from 'vitest'
import { vmidOf } from '../../../test/builders.ts'
import { parseFastAnnouncer } from './file.ts'

const FILE = '/var/lib/infra/network/100.json'

const WHOLE = {
  domain_id: 100,
  ip_addresses: [
    { family: 'ipv4', address: '203.0.113.10/32' },
    { family: 'ipv6', address: '2001:db8:a::10/128' },
  ],
  ip_networks: [
    { family: 'ipv4', network: '203.0.113.64/28', next_hop: '203.0.113.10' },
    { family: 'ipv6', network: '2001:db8:a:1::/64', next_hop: '' },
  ],
  mac_address: '52:54:00:00:00:64',
  interface: 'vmbr0',
  table: 100,
}

function parse(content: object | string) {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return parseFastAnnouncer(text, FILE, vmidOf(100))
}

function outcomeOf(content: object | string) {
  const parsed = parse(content)
  return parsed.ok ? parsed.value : parsed.problems
}

describe('a file', () => {
  test('is read with everything it says, IPv6 by the link-local address of the MAC', () => {
    expect(outcomeOf(WHOLE)).toEqual({
      vmid: 100,
      file: FILE,
      mac: '52:54:00:00:00:64',
      device: 'vmbr0',
      table: 100,
      addresses: ['203.0.113.10', '2001:db8:a::10'],
      routes: [
        { prefix: '203.0.113.64/28', nextHop: '203.0.113.10' },
        { prefix: '2001:db8:a:1::/64', nextHop: 'fe80::5054:ff:fe00:64' },
      ],
      prefixes: ['203.0.113.10/32', '2001:db8:a::10/128', '203.0.113.64/28', '2001:db8:a:1::/64'],
    })
  })

  test('may be indented by tabs', () => {
    expect(outcomeOf(JSON.stringify(WHOLE, undefined, '\t'))).toEqual(outcomeOf(WHOLE))
  })

  test.each([
    ['plain texts', { ip_addresses: ['203.0.113.10', '2001:db8:a::10'] }],
    [
      'a network called prefix',
      { ip_networks: [{ prefix: '203.0.113.64/28', nextHop: '203.0.113.10' }, '2001:db8:a:1::/64'] },
    ],
    ['dashes in the MAC', { mac_address: '52-54-00-00-00-64' }],
    ['the table as text', { table: '100' }],
  ])('may be spelt with %s', (_, other) => {
    expect(outcomeOf({ ...WHOLE, ...other })).toEqual(outcomeOf(WHOLE))
  })

  test('may have no lists, as Go writes empty ones', () => {
    expect(outcomeOf({ ...WHOLE, ip_addresses: null, ip_networks: undefined })).toMatchObject({
      addresses: [],
      routes: [],
    })
  })
})

describe('an address with the length of a network', () => {
  const parsed = (address: string) => outcomeOf({ ...WHOLE, ip_addresses: [{ address }], ip_networks: [] })

  test('is, in IPv4, the address alone; but what its script put there is the network', () => {
    expect(parsed('203.0.113.10/24')).toMatchObject({
      addresses: ['203.0.113.10'],
      routes: [],
      prefixes: ['203.0.113.0/24'],
    })
  })

  test('is, in IPv6, both', () => {
    expect(parsed('2001:db8:a:1::1/64')).toMatchObject({
      addresses: ['2001:db8:a:1::1'],
      routes: [{ prefix: '2001:db8:a:1::/64', nextHop: 'fe80::5054:ff:fe00:64' }],
    })
  })

  test('is a network on the link if it has no host bits', () => {
    expect(parsed('203.0.113.64/28')).toMatchObject({
      addresses: [],
      routes: [{ prefix: '203.0.113.64/28' }],
    })
  })
})

describe('a mistake is a problem that names file and line', () => {
  test.each([
    [
      'a bad address',
      { ip_addresses: [{ address: '203.0.113.300/32' }] },
      '`ip_addresses[0].address` must be',
    ],
    ['no next hop', { ip_networks: ['203.0.113.64/28'] }, '`ip_networks[0].next_hop` must be an address of'],
    [
      'a next hop of the other family',
      { ip_networks: [{ network: '2001:db8::/64', next_hop: '192.0.2.1' }] },
      'next_hop',
    ],
    ['no MAC', { mac_address: undefined }, '`mac_address` is missing'],
    ['no link', { interface: '' }, '`interface` must be the name of a link'],
    ['no table', { table: 0 }, '`table` must be the number of a routing table, not `0`'],
    ['no list', { ip_addresses: {} }, '`ip_addresses` must be a list'],
  ])('%s', (_, other, message) => {
    const parsed = parse({ ...WHOLE, ...other })
    expect(parsed).toMatchObject({
      ok: false,
      problems: [{ code: 'fast-announcer-invalid', file: FILE, vmid: 100, line: 1 }],
    })
    expect(JSON.stringify(parsed)).toContain(message)
  })

  test('all are told at once', () => {
    expect(outcomeOf({})).toHaveLength(3)
  })

  test.each(['', '{', '[]', 'null', '{"table": {{'])('%j is no such file', text => {
    expect(parse(text).ok).toBe(false)
  })
})
