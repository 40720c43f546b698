import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { macOf } from '../../test/builders.ts'
import { FAMILIES } from '../core/values/family.ts'
import { parseTable } from './parse.ts'

/** What nft says of a table with two ports and a server of each family, after something happened to it. */
function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, `../../test/fixtures/nftables/${name}.json`), 'utf8')
}

const labelsFor = (nic: string) => [`${nic} server dhcp4-1`, `${nic} server dhcp6-1`]
const FIRST = labelsFor('VM 100 net0 52:54:00:00:64:00')
const SECOND = labelsFor('VM 101 net0 52:54:00:9e:cc:1e')

function labelsOf(name: string) {
  return [...parseTable(recorded(name)).chains].map(([link, rules]) => [
    link,
    rules.map(({ label }) => label),
  ])
}

test('a table is read as guestnet made it', () => {
  expect(parseTable(recorded('intact'))).toEqual({
    exists: true,
    switches: new Map([
      ['dhcp4-1', 'guestnet-1'],
      ['dhcp6-1', 'guestnet-2'],
    ]),
    open: new Set(['guestnet-1', 'guestnet-2']),
    routers: new Map(),
    chains: new Map([
      ['tap100i0', FIRST.map(label => ({ label, packets: 0 }))],
      ['tap101i0', SECOND.map(label => ({ label, packets: 0 }))],
    ]),
    elements: new Map([
      ['ipv4 52:54:00:00:64:00', 'tap100i0'],
      ['ipv4 52:54:00:9e:cc:1e', 'tap101i0'],
      ['ipv6 52:54:00:00:64:00', 'tap100i0'],
      ['ipv6 52:54:00:9e:cc:1e', 'tap101i0'],
      ['known-as fe80::200:ff:fe00:6400', '52:54:00:00:64:00'],
      ['known-as fe80::200:ff:fe00:6500', '52:54:00:9e:cc:1e'],
    ]),
  })
})

test('the packets taken at a port are those of its rule', () => {
  const busy = recorded('intact').replaceAll('"packets": 0', '"packets": 7')
  expect(parseTable(busy).chains.get('tap100i0')).toEqual(
    FIRST.map(label => ({ label, packets: 7, dropped: 7 })),
  )
})

test('a port without its limit is to be made anew', () => {
  const { nftables } = JSON.parse(recorded('intact')) as {
    nftables: { rule?: { expr: (object | string)[] } }[]
  }
  const unlimited = nftables.map(({ rule, ...entry }) => ({
    ...entry,
    ...(rule && {
      rule: { ...rule, expr: rule.expr.filter(each => typeof each === 'string' || !('limit' in each)) },
    }),
  }))
  const { chains } = parseTable(JSON.stringify({ nftables: unlimited }))
  expect(chains.get('tap100i0')).toEqual(Array(4).fill({ packets: 0 }))
})

describe('a link that was deleted', () => {
  test.each(['link-deleted', 'link-made-anew'])(
    'leaves its number in the element, not its name, also once there is another one: %s',
    name => {
      const { elements, chains } = parseTable(recorded(name))
      for (const family of FAMILIES) {
        expect(elements.get(`${family} ${macOf('52:54:00:9e:cc:1e')}`)).toMatch(/^[0-9]+$/)
        expect(elements.get(`${family} ${macOf('52:54:00:00:64:00')}`)).toBe('tap100i0')
      }
      expect(chains.has('tap101i0')).toBe(true)
    },
  )

  test('is no longer where requests are sent to, nor open', () => {
    expect(parseTable(recorded('server-link-deleted')).open).toEqual(new Set(['guestnet-2']))
    expect(parseTable(recorded('server-link-deleted')).switches.get('dhcp4-1')).not.toBe('guestnet-1')
  })
})

describe('a chain that is not as guestnet made it is known', () => {
  test.each([
    [
      'if it was flushed',
      'chain-flushed',
      [
        ['tap100i0', FIRST],
        ['tap101i0', []],
      ],
    ],
    [
      'if a rule was added',
      'rule-added',
      [
        ['tap100i0', [...FIRST, undefined]],
        ['tap101i0', SECOND],
      ],
    ],
  ])('%s', (_, name, labels) => expect(labelsOf(name)).toEqual(labels))

  test('if the rule that sends requests to a server was removed', () => {
    expect(parseTable(recorded('rules-removed')).switches.get('dhcp4-1')).toBe('')
  })

  test('if the rule that keeps other replies in was removed', () => {
    expect(parseTable(recorded('rules-removed')).open).toEqual(new Set(['guestnet-2']))
  })
})

test('a table of a former version, whose servers lead to links at once, goes on; its slots are opened and its ports made anew', () => {
  const { switches, open, chains, exists } = parseTable(recorded('former'))
  expect(exists).toBe(false)
  expect([...chains.values()].flat().some(({ label }) => label !== undefined)).toBe(false)
  expect(switches).toEqual(
    new Map([
      ['dhcp4-1', 'guestnet-1'],
      ['dhcp6-1', 'guestnet-2'],
    ]),
  )
  expect(open).toEqual(new Set())
})

test.each(['port_of', 'port6_of', 'mac6_of', 'asker6_of', 'asked6_from'])(
  'a table without its map %s counts as none, so that it is made',
  name => {
    const { nftables } = JSON.parse(recorded('intact')) as { nftables: { map?: { name: string } }[] }
    const withoutMap = { nftables: nftables.filter(({ map }) => map?.name !== name) }
    expect(parseTable(JSON.stringify(withoutMap)).exists).toBe(false)
  },
)

test('what is not of nft’s format throws', () => {
  expect(() => parseTable('{}')).toThrow()
  expect(() => parseTable('nothing')).toThrow()
})

test.each([1.5, -1, 'abc', null, { concat: [] }])(
  'an element whose key is %j is none of ours, and takes nothing from the others',
  key => {
    const { elements, ...rest } = parseTable(recorded('intact'))
    const listing = JSON.parse(recorded('intact')) as {
      nftables: { map?: { name: string; elem: unknown[] } }[]
    }
    listing.nftables.find(({ map }) => map?.name === 'port_of')?.map?.elem.push([key, 'tap9i0'])
    expect(parseTable(JSON.stringify(listing))).toEqual({ ...rest, elements })
  },
)
