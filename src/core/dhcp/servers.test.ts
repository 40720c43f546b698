import { describe, expect, test } from 'vitest'
import { offer, offer6 } from '../../../test/builders.ts'
import type { Offer } from './offer.ts'
import { familyOfServer, numberOfServer, parseServerId, type ServerId, serverId } from './serverId.ts'
import { assignServers, leaseKeyOfOffer, type Servers } from './servers.ts'

const rivals = [100, 200, 300].map(vmid => offer(vmid, { address: '192.0.2.5/24' }))

function vmids(servers: Servers): Record<string, number[]> {
  return Object.fromEntries(
    [...servers].map(([server, offers]) => [server, offers.map(({ vmid }) => Number(vmid))]),
  )
}

function held(...pairs: [Offer | undefined, ServerId][]): Map<string, ServerId> {
  return new Map(pairs.flatMap(([offered, server]) => (offered ? [[leaseKeyOfOffer(offered), server]] : [])))
}

test('nothing to offer needs no server', () => {
  expect(assignServers([], new Map()).size).toBe(0)
})

test('addresses that differ share one server', () => {
  expect(vmids(assignServers([offer(100), offer(101)], new Map()))).toEqual({ 'dhcp4-1': [100, 101] })
})

test('the same address twice takes two servers, and everything else stays on the first', () => {
  const servers = assignServers([...rivals.slice(0, 2), offer(101)], new Map())
  expect(vmids(servers)).toEqual({ 'dhcp4-1': [100, 101], 'dhcp4-2': [200] })
})

test('an address is the same one whatever its mask', () => {
  const offers = [offer(100, { address: '192.0.2.5/24' }), offer(200, { address: '192.0.2.5/32' })]
  expect(vmids(assignServers(offers, new Map()))).toEqual({ 'dhcp4-1': [100], 'dhcp4-2': [200] })
})

test('an offer stays with its server when a rival appears before it', () => {
  expect(vmids(assignServers(rivals.slice(0, 2), held([rivals[1], 'dhcp4-1'])))).toEqual({
    'dhcp4-1': [200],
    'dhcp4-2': [100],
  })
})

test('an offer stays with its server when a rival goes', () => {
  const previous = held([rivals[0], 'dhcp4-1'], [rivals[1], 'dhcp4-2'], [rivals[2], 'dhcp4-3'])
  expect(
    vmids(
      assignServers(
        [rivals[1], rivals[2]].flatMap(o => o ?? []),
        previous,
      ),
    ),
  ).toEqual({
    'dhcp4-1': [300],
    'dhcp4-2': [200],
  })
})

test('two offers that claim the same number part', () => {
  const previous = held([rivals[0], 'dhcp4-2'], [rivals[1], 'dhcp4-2'])
  expect(vmids(assignServers(rivals.slice(0, 2), previous))).toEqual({ 'dhcp4-1': [200], 'dhcp4-2': [100] })
})

test('an address of the other family is another server’s', () => {
  expect(vmids(assignServers([offer(100), offer6(100)], new Map()))).toEqual({
    'dhcp4-1': [100],
    'dhcp6-1': [100],
  })
})

describe('a server’s name', () => {
  test.each(['dhcp4-1', 'dhcp4-12', 'dhcp6-3'] as const)('%s tells its family and number', name => {
    expect(parseServerId(name)).toBe(name)
    expect(serverId(familyOfServer(name), numberOfServer(name))).toBe(name)
  })

  test.each(['', 'dhcp4-', 'dhcp4-0', 'dhcp4-01', 'dhcp5-1', 'dhcp4-1 ', '1', 'x-dhcp4-1'])(
    'is not %j',
    text => expect(parseServerId(text)).toBeUndefined(),
  )
})
