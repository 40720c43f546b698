import { expect, test } from 'vitest'
import { parseHeard, renderListening } from './dhcpHeard.ts'

test('each link has a chain of its own', () => {
  expect(renderListening('t', ['eno1', 'bond0.5'])).toEqual([
    'add table netdev t',
    'add set netdev t heard { typeof ether saddr . ip saddr; flags dynamic; size 1024; }',
    'add chain netdev t c0 { type filter hook ingress device "eno1" priority -460; }',
    'add rule netdev t c0 ether type ip udp sport 67 udp dport 68 update @heard { ether saddr . ip saddr }',
    'add chain netdev t c1 { type filter hook ingress device "bond0.5" priority -460; }',
    'add rule netdev t c1 ether type ip udp sport 67 udp dport 68 update @heard { ether saddr . ip saddr }',
  ])
})

const listing = (set: object) =>
  JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, { set: { name: 'heard', ...set } }] })

test('nobody was heard', () => {
  expect(parseHeard(listing({}))).toEqual([])
})

test('servers are read as nft lists them, with or without more about each', () => {
  const plain = { concat: ['52:54:00:00:00:01', '192.0.2.1'] }
  const more = { elem: { val: { concat: ['52:54:00:00:00:02', '192.0.2.2'] }, expires: 5 } }
  expect(parseHeard(listing({ elem: [plain, more] }))).toEqual([
    { mac: '52:54:00:00:00:01', address: '192.0.2.1' },
    { mac: '52:54:00:00:00:02', address: '192.0.2.2' },
  ])
})

test.each(['', 'nonsense', '[]', listing({ elem: ['x'] })])('%j is no listing', text =>
  expect(parseHeard(text)).toBeUndefined(),
)
