import { describe, expect, test } from 'vitest'
import { parseLinks } from './links.ts'

/** Entries as iproute2 6.1 prints them. */
const TAP = {
  ifindex: 12,
  ifname: 'tap100i0',
  flags: ['BROADCAST', 'MULTICAST', 'PROMISC', 'UP', 'LOWER_UP'],
  mtu: 1500,
  qdisc: 'fq_codel',
  master: 'vmbr0',
  operstate: 'UNKNOWN',
  linkmode: 'DEFAULT',
  group: 'default',
  txqlen: 1000,
  link_type: 'ether',
  address: 'ca:61:2f:9a:6b:30',
  broadcast: 'ff:ff:ff:ff:ff:ff',
}
const VETH = {
  ifindex: 13,
  link_index: 2,
  ifname: 'guestnet-1',
  flags: ['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP'],
  mtu: 9000,
  operstate: 'LOWERLAYERDOWN',
  ifalias: 'guestnet',
  link_netnsid: 0,
}

const parse = (...entries: object[]) => [...parseLinks(JSON.stringify(entries)).values()]

test('links are read with what guestnet looks at', () => {
  expect(parse(TAP, VETH)).toEqual([
    { name: 'tap100i0', ifindex: 12, mtu: 1500, up: true, carrier: true, master: 'vmbr0' },
    { name: 'guestnet-1', ifindex: 13, mtu: 9000, up: true, carrier: false, alias: 'guestnet' },
  ])
})

test('a link is up when it was set up, whatever its operational state', () => {
  expect(parse({ ...TAP, flags: ['BROADCAST'] })).toMatchObject([{ up: false, carrier: false }])
})

describe('links that vanish while ip looks', () => {
  test('are left out, the others are not', () => {
    expect(parse({}, TAP, {}).map(({ name }) => name)).toEqual(['tap100i0'])
  })

  test('may leave nothing at all', () => {
    expect(parseLinks('').size).toBe(0)
    expect(parseLinks('[]').size).toBe(0)
  })
})

test('what is not of ip’s format throws: no links and no answer are not the same', () => {
  expect(() => parseLinks('{}')).toThrow()
  expect(() => parseLinks('Object "link" is unknown')).toThrow()
})
