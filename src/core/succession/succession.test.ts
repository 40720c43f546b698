import { describe, expect, test } from 'vitest'
import { policyOf, readingOf, vm } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import type { Policy } from '../policy/policy.ts'
import { describeExcess, describeWhole } from './describe.ts'
import { type Succession, successionOf } from './succession.ts'

/** So many guests on each node, all on vmbr0, with an address of each family. */
function cluster(sizes: Readonly<Record<string, number>>): Guest[] {
  return Object.entries(sizes).flatMap(([node, size], index) =>
    Array.from({ length: size }, (_, number) => {
      const vmid = 100 + index * 100 + number
      return vm(vmid, [{ ip: `203.0.113.${vmid - 99}/24`, ip6: `2001:db8:a::${vmid}/64` }], { node })
    }),
  )
}

const ANNOUNCE = `announce:
  table: 100
  networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24, "2001:db8:a::/48"]}]
`
const BGP = `bgp:
  as: 65001
  peers: [{name: rtr01, address: 192.0.2.1, as: 65000}, {name: rtr02, address: 192.0.2.2, as: 65000}]
`

interface Given {
  readonly guests?: readonly Guest[]
  readonly hasLink?: (name: string) => boolean
}

function between(former: string, next: string, given: Given = {}): Succession {
  const { guests = cluster({ pve1: 20 }), hasLink = () => true } = given
  const reading = (policy: Policy) => readingOf(guests, { policy })
  return successionOf(reading(policyOf(former)), reading(policyOf(next)), hasLink)
}

/** The cluster's, in words. */
const inWords = (...args: Parameters<typeof between>) => describeWhole(between(...args).cluster)

test('the same policy once more takes nothing and gives nothing', () => {
  expect(inWords(ANNOUNCE + BGP, `# again\n${ANNOUNCE}${BGP}`)).toBe('nobody loses or gains anything')
})

describe('guests', () => {
  test('are counted as served whether they run or not, as here none does', () => {
    expect(inWords('', 'dhcp: {only: [{bridge: vmbr7}]}')).toBe('stops serving 20 of 20 guests')
    expect(inWords('dhcp: {exclude: [{bridge: vmbr0}]}', '')).toBe('serves 20 more guests')
  })

  test('that nobody served before are not lost', () => {
    const template = vm(300, [{ ip: '203.0.113.250/24' }], { template: true })
    expect(between('', 'dhcp: {enabled: false}', { guests: [template] }).cluster.guests).toMatchObject({
      before: 0,
      lost: [],
    })
  })
})

describe('prefixes', () => {
  test.each([
    ['a part that is removed', '', 'withdraws 40 of 40 prefixes'],
    ['a prefix that is removed', ANNOUNCE.replace(', "2001:db8:a::/48"', ''), 'withdraws 20 of 40 prefixes'],
    ['a bridge that is misspelt', ANNOUNCE.replace('vmbr0', 'vmbr00'), 'withdraws 40 of 40 prefixes'],
    [
      'another table, which the administrator’s own daemon does not read',
      ANNOUNCE.replace('100', '200'),
      'withdraws 40 of 40 prefixes, announces 40 more prefixes',
    ],
  ])('are withdrawn by %s', (_, next, expected) => {
    expect(inWords(ANNOUNCE, next)).toBe(expected)
  })

  test.each([
    [
      'another table, where guestnet’s own BIRD tells them',
      ANNOUNCE.replace('100', '200') + BGP,
      'nobody loses or gains anything',
    ],
    [
      'a BIRD that gives way to the administrator’s',
      `${ANNOUNCE}bgp: external`,
      'withdraws 40 of 40 prefixes; 2 sessions end',
    ],
    ['one of two peers that is removed', ANNOUNCE + BGP.replace(/, \{name: rtr02.*\}/, ''), '1 session ends'],
    [
      'peers that are told one family',
      ANNOUNCE + BGP.replaceAll('as: 65000', 'as: 65000, families: [ipv4]'),
      'withdraws 20 of 40 prefixes; 2 sessions restart',
    ],
    [
      'an AS that this node is left out of',
      ANNOUNCE + BGP.replace('as: 65001', 'as: {pve9: 65001}'),
      'withdraws 40 of 40 prefixes; 2 sessions end',
    ],
    ['another AS', ANNOUNCE + BGP.replace('as: 65001', 'as: 65002'), '2 sessions restart'],
    [
      'a guest that one of two peers is told no more',
      `${ANNOUNCE}${BGP}  export: [{vmids: [100], onlyTo: [rtr01]}]`,
      'nobody loses or gains anything',
    ],
    [
      'a network that is told the one peer alone that is told no IPv6',
      `${ANNOUNCE}${BGP.replace('as: 65000', 'as: 65000, families: [ipv4]')}  export: [{bridge: vmbr0, onlyTo: [rtr01]}]`,
      'withdraws 20 of 40 prefixes; 1 session restarts',
    ],
    [
      'rules for other guests, or that tell as many',
      `${ANNOUNCE}${BGP}  export: [{vmids: [500-600], onlyTo: [rtr01]}, {prepend: 2}]`,
      'nobody loses or gains anything',
    ],
    [
      'BFD, and a default route that is ignored',
      ANNOUNCE + BGP.replaceAll('as: 65000', 'as: 65000, bfd: true, defaultRoute: false'),
      'nobody loses or gains anything',
    ],
    ['another address of a peer', ANNOUNCE + BGP.replace('192.0.2.1', '192.0.2.9'), '1 session restarts'],
  ])('with peers: %s', (_, next, expected) => {
    expect(inWords(ANNOUNCE + BGP, next)).toBe(expected)
  })

  test('are withdrawn by a device that this node does not have', () => {
    const next = ANNOUNCE.replace('bridge: vmbr0', 'bridge: vmbr0, device: vmbr0x')
    expect(inWords(ANNOUNCE, next, { hasLink: () => false })).toBe('withdraws 40 of 40 prefixes')
  })
})

describe('a policy waits', () => {
  const NOBODY = 'dhcp: {enabled: false}'
  const waits = (...args: Parameters<typeof between>) => {
    const excess = between(...args).waits
    return excess && describeExcess(excess, policyOf(args[0]).changes)
  }

  test('if it takes more than half, and more than ten, in the cluster', () => {
    expect(waits('', NOBODY, { guests: cluster({ pve1: 6, pve2: 6 }) })).toBe(
      'in the cluster it stops serving 12 of 12 guests, which is more than 50% and more than 10',
    )
  })

  test('if it does on one node, whichever node asks', () => {
    const guests = cluster({ pve1: 40, pve2: 12 }).map(guest =>
      guest.node === 'pve2'
        ? { ...guest, nics: guest.nics.map(nic => ({ ...nic, bridge: 'vmbr1' })) }
        : guest,
    )
    expect(waits('', 'dhcp: {exclude: [{bridge: vmbr1}]}', { guests })).toBe(
      'on node pve2 it stops serving 12 of 12 guests, which is more than 50% and more than 10',
    )
  })

  test.each([
    ['ten at most', '', NOBODY, cluster({ pve1: 10 })],
    ['as far as the former policy says: a share', 'changes: {share: 100%}', NOBODY, cluster({ pve1: 40 })],
    ['as far as the former policy says: a number', 'changes: {count: 40}', NOBODY, cluster({ pve1: 40 })],
  ])('not if it takes %s', (_, former, next, guests) => {
    expect(waits(former, next, { guests })).toBeUndefined()
  })

  test('whatever it says itself of what may be taken', () => {
    const next = `changes: {share: 100%}\n${NOBODY}`
    expect(waits('', next)).toContain('20 of 20 guests')
    expect(
      waits('changes: {share: 0%, count: 0}', 'dhcp: {exclude: [{bridge: vmbr0}]}', {
        guests: cluster({ pve1: 1 }),
      }),
    ).toContain('1 of 1 guest')
  })
})
