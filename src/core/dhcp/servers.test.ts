import { describe, expect, test } from 'vitest'
import { offer, offer6 } from '../../../test/builders.ts'
import type { Offer } from './offer.ts'
import { familyOfServer, numberOfServer, parseServerId, type ServerId, serverId } from './serverId.ts'
import {
  type Assignment,
  assignServers,
  leaseKeyOfOffer,
  SERVERS_OF_GUEST,
  SERVERS_OF_NODE,
} from './servers.ts'

const rivals = [100, 200, 300].map(vmid => offer(vmid, { address: '192.0.2.5/24' }))

function vmids({ servers }: Assignment): Record<string, number[]> {
  return Object.fromEntries(
    [...servers].map(([server, offers]) => [server, offers.map(({ vmid }) => Number(vmid))]),
  )
}

function held(...pairs: [Offer | undefined, ServerId][]): Map<string, ServerId> {
  return new Map(pairs.flatMap(([offered, server]) => (offered ? [[leaseKeyOfOffer(offered), server]] : [])))
}

test('nothing to offer needs no server', () => {
  expect(assignServers([], new Map()).servers.size).toBe(0)
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

describe('a share', () => {
  const nics = (vmid: number, count: number) =>
    Array.from({ length: count }, (_, nic) => offer(vmid, { nic, address: '192.0.2.5/24' }))

  test('of a guest is so many servers, whatever it is configured with', () => {
    const { servers, surplus } = assignServers(nics(100, 32), new Map())
    expect(servers.size).toBe(SERVERS_OF_GUEST)
    expect(surplus.map(({ of }) => of)).toEqual(Array.from({ length: 32 - SERVERS_OF_GUEST }, () => 'guest'))
  })

  test('of a node is so many, and each guest’s first NIC comes before anybody’s second', () => {
    const offers = [...nics(100, 2), ...Array.from({ length: 9 }, (_, index) => nics(101 + index, 1)).flat()]
    const { servers, surplus } = assignServers(offers, new Map())
    expect(servers.size).toBe(SERVERS_OF_NODE)
    expect(surplus.map(({ offer: { vmid, nic }, of }) => [Number(vmid), nic, of])).toEqual([
      [108, 0, 'node'],
      [109, 0, 'node'],
      [100, 1, 'node'],
    ])
  })

  test('that is used up is used up: who has a server keeps it', () => {
    const offers = Array.from({ length: SERVERS_OF_NODE + 1 }, (_, index) => nics(100 + index, 1)).flat()
    const before = assignServers(offers.slice(1), new Map()).servers
    const previous = new Map(
      [...before].flatMap(([server, made]) => made.map(each => [leaseKeyOfOffer(each), server] as const)),
    )
    expect(assignServers(offers, previous).surplus.map(({ offer: { vmid } }) => Number(vmid))).toEqual([100])
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
