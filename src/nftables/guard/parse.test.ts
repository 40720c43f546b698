import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDrops, parseGuard } from './parse.ts'
import { sharedChains } from './shared.ts'

/** What nft says of a table with two ports, one of which has sent what is not its own. */
const RECORDED = readFileSync(join(import.meta.dirname, '../../../test/fixtures/nftables/guard.json'), 'utf8')

interface Item {
  readonly rule?: { readonly chain: string; readonly comment?: string }
  readonly map?: { readonly name: string }
}

/** The listing as it would be without some of its items. */
function without(isGone: (item: Item) => boolean): string {
  const { nftables } = JSON.parse(RECORDED) as { nftables: Item[] }
  return JSON.stringify({ nftables: nftables.filter(item => !isGone(item)) })
}

test('ports are read as they were made', () => {
  const { ports } = parseGuard(RECORDED)
  expect([...(ports.get('tap100i0')?.entries ?? [])].toSorted()).toEqual([
    'extra-ipv4 203.0.113.50',
    'extra-ipv6 2001:db8::50',
    'ipv4 192.0.2.5',
    'ipv6 2001:db8::5',
    'ipv6 fe80::5054:ff:fe00:64',
    'mac 52:54:00:00:00:64',
    'prefix4 198.51.100.0/24',
    'prefix6 2001:db8:1::/48',
    'router',
    'tags 5 aaaaaaaa',
    'tags 6-7 00000000',
  ])
  expect(ports.get('veth101i0')).toEqual({
    label: 'CT 101 net0 ifindex 3',
    hasChain: true,
    quick: [],
    entries: new Set(['any-mac', 'open4 aaaaaaaa', 'open6 aaaaaaaa']),
  })
})

test('what a port’s own rules let pass is read as it was made', () => {
  expect(parseGuard(RECORDED).ports.get('tap100i0')).toMatchObject({
    label: 'VM 100 net0 ifindex 2',
    quick: ['52:54:00:00:00:64 192.0.2.5', '52:54:00:00:00:64 2001:db8::5'],
  })
})

test('what is somebody’s is read as it was written', () => {
  const { networks, linkLocals } = parseGuard(RECORDED)
  expect([...linkLocals]).toEqual(['fe80::1'])
  expect(networks).toEqual(
    new Map([
      ['00000000', { intact: true, held: new Set() }],
      ['aaaaaaaa', { intact: true, held: new Set(['192.0.2.6', '2001:db8::6']) }],
    ]),
  )
})

test('drops are counted, and what the first had is as people write it', () => {
  const expected = [
    { reason: 'mac', packets: 2, sample: '52:54:00:00:00:99' },
    { reason: 'tag', packets: 2, sample: '9' },
    { reason: 'ethertype', packets: 2, sample: '0x88cc' },
    { reason: 'arp', packets: 2, sample: '192.0.2.1' },
    { reason: 'nd', packets: 2, sample: '2001:db8::1' },
  ]
  expect(parseGuard(RECORDED).drops).toEqual(new Map([['tap100i0', expected]]))
  expect(parseDrops(RECORDED, 'guestnet.guard').get('tap100i0')).toEqual(expected)
})

test('those of another instance’s table are not ours', () => {
  expect(parseDrops(RECORDED, 'other.guard')).toEqual(new Map())
})

describe('what all ports share is intact', () => {
  test('as it was made, in the mode it was made in', () => {
    expect(parseGuard(RECORDED)).toMatchObject({ exists: true, intact: true, mode: 'on' })
  })

  test.each([...sharedChains('on').keys()])('not if a rule of %s is gone', chain => {
    const last = (item: Item) => item.rule?.chain === chain
    expect(parseGuard(without(last)).intact).toBe(false)
  })

  test('not if a map is gone', () => {
    expect(parseGuard(without(({ map }) => map?.name === 'open4')).intact).toBe(false)
  })
})

test('a port whose chain has another rule besides is not as it was made', () => {
  const { nftables } = JSON.parse(RECORDED) as { nftables: Item[] }
  const added = { nftables: [...nftables, { rule: { chain: 'tap100i0', comment: '' } }] }
  expect(parseGuard(JSON.stringify(added)).ports.get('tap100i0')?.label).toBeUndefined()
})
