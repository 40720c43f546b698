import { expect, test } from 'vitest'
import { describeLeftover } from './leftover.ts'
import { renderRemoval } from './observe.ts'
import {
  parseNamespaces,
  parsePlainNeighbours,
  parsePlainRoutes,
  parsePlainRules,
  parseVeths,
} from './parse.ts'

const json = (...entries: object[]) => JSON.stringify(entries)

test('rules that ask for a source or a destination alone are read, those of others and the kernel’s are not', () => {
  const rules = parsePlainRules(
    json(
      { priority: 0, src: 'all', table: '255' },
      { priority: 5100, src: 'all', dst: '203.0.113.9', table: '100', protocol: '103' },
      { priority: 32761, src: '203.0.113.9', table: '100', fwmark: '0x1' },
      { priority: 32762, src: 'all', dst: '203.0.113.11', iif: 'vmbr0', table: '100' },
      { priority: 32763, src: '203.0.113.64', srclen: 28, table: '100' },
      { priority: 32764, src: 'all', dst: '203.0.113.10', table: '100', protocol: '3' },
      { priority: 32765, src: '203.0.113.10', dst: '203.0.113.11', table: '100' },
    ),
    'ipv4',
  )
  expect(rules.map(describeLeftover)).toEqual([
    'rule 32763: from 203.0.113.64/28 lookup 100',
    'rule 32764: to 203.0.113.10/32 lookup 100',
  ])
  expect(rules.map(renderRemoval)).toEqual([
    { batch: 'any', text: 'rule del pref 32763 from 203.0.113.64/28 lookup 100' },
    { batch: 'any', text: 'rule del pref 32764 to 203.0.113.10/32 lookup 100' },
  ])
})

test('routes without a protocol of their own are read, those of daemons, the kernel and guestnet are not', () => {
  const routes = parsePlainRoutes(
    json(
      { dst: '2001:db8::/64', gateway: 'fe80::1', dev: 'vmbr0', metric: 1024, flags: [] },
      { dst: '2001:db8::5', dev: 'vmbr0', protocol: '4', metric: 1024, flags: [] },
      { dst: '2001:db8::6', dev: 'vmbr0', protocol: '103', metric: 1, flags: [] },
      { dst: '2001:db8::7', dev: 'vmbr0', protocol: '12', metric: 32, flags: [] },
      { type: '6', dst: '2001:db8::8', dev: 'lo', metric: 1, flags: [] },
      { dst: 'default', dev: 'vmbr0', metric: 1, flags: [] },
    ),
    100,
  )
  expect(routes.map(route => renderRemoval(route)?.text)).toEqual([
    'route del 2001:db8::/64 via fe80::1 dev vmbr0 table 100 metric 1024 proto 3',
    'route del 2001:db8::5/128 dev vmbr0 table 100 metric 1024 proto 4',
  ])
})

test('neighbours with guestnet’s mark are left out', () => {
  const entry = { dev: 'vmbr0', lladdr: '52:54:00:00:00:64', state: ['PERMANENT'] }
  const neighbours = parsePlainNeighbours(
    json({ ...entry, dst: '203.0.113.10' }, { ...entry, dst: '203.0.113.11', protocol: '103' }),
  )
  expect(neighbours.map(neighbour => renderRemoval(neighbour)?.text)).toEqual([
    'neighbour del 203.0.113.10 dev vmbr0',
  ])
})

test('namespaces and veth links are read by name', () => {
  expect(parseNamespaces(json({ name: 'kea_vmbr0', id: 0 }, {}))).toEqual(['kea_vmbr0'])
  expect(parseNamespaces('')).toEqual([])
  expect(
    parseVeths(
      json(
        { ifname: 'kh_a', linkinfo: { info_kind: 'veth' } },
        { ifname: 'kh_b', linkinfo: { info_kind: 'bridge' } },
        { ifname: 'lo' },
      ),
    ).map(renderRemoval),
  ).toEqual([{ batch: 'any', text: 'link del dev kh_a' }])
})
