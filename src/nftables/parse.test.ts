import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { macOf } from '../../test/builders.ts'
import { parseTable } from './parse.ts'

/** What nft says of a table with two ports and one server, after something happened to it. */
function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, `../../test/fixtures/nftables/${name}.json`), 'utf8')
}

const FIRST = 'VM 100 net0 02:00:00:00:00:64 server 1'
const SECOND = 'VM 101 net0 52:54:00:9e:cc:1e server 1'

function labelsOf(name: string) {
  return [...parseTable(recorded(name)).chains].map(([link, rules]) => [
    link,
    rules.map(({ label }) => label),
  ])
}

test('a table is read as guestnet made it', () => {
  expect(parseTable(recorded('intact'))).toEqual({
    exists: true,
    switches: new Map([['dhcp4-1', 'guestnet-1']]),
    replies: new Set(['guestnet-1']),
    routers: new Map(),
    chains: new Map([
      ['tap100i0', [{ label: FIRST, packets: 0 }]],
      ['tap101i0', [{ label: SECOND, packets: 0 }]],
    ]),
    elements: new Map([
      ['ipv4 02:00:00:00:00:64', 'tap100i0'],
      ['ipv4 52:54:00:9e:cc:1e', 'tap101i0'],
    ]),
  })
})

test('the packets taken at a port are those of its rule', () => {
  const busy = recorded('intact').replaceAll('"packets": 0', '"packets": 7')
  expect(parseTable(busy).chains.get('tap100i0')).toEqual([{ label: FIRST, packets: 7, dropped: 7 }])
})

test('a port without its limit, as former versions made it, is to be made anew', () => {
  const { nftables } = JSON.parse(recorded('intact')) as { nftables: { rule?: { expr: object[] } }[] }
  const former = nftables.filter(({ rule }) => !rule?.expr.some(each => 'limit' in each))
  expect(parseTable(JSON.stringify({ nftables: former })).chains.get('tap100i0')).toEqual([{ packets: 0 }])
})

describe('a link that was deleted', () => {
  test.each(['link-deleted', 'link-made-anew'])(
    'leaves its number in the element, not its name, also once there is another one: %s',
    name => {
      const { elements, chains } = parseTable(recorded(name))
      expect(elements.get(`ipv4 ${macOf('52:54:00:9e:cc:1e')}`)).toBe('5')
      expect(elements.get(`ipv4 ${macOf('02:00:00:00:00:64')}`)).toBe('tap100i0')
      expect(chains.has('tap101i0')).toBe(true)
    },
  )

  test('is no longer where requests are sent to', () => {
    expect(parseTable(recorded('server-link-deleted')).switches.get('dhcp4-1')).not.toBe('guestnet-1')
  })
})

describe('a chain that is not as guestnet made it is known', () => {
  test.each([
    [
      'if it was flushed',
      'chain-flushed',
      [
        ['tap100i0', [FIRST]],
        ['tap101i0', []],
      ],
    ],
    [
      'if a rule was added',
      'rule-added',
      [
        ['tap100i0', [FIRST, undefined]],
        ['tap101i0', [SECOND]],
      ],
    ],
  ])('%s', (_, name, labels) => expect(labelsOf(name)).toEqual(labels))

  test('if the rule that sends requests to a server was removed', () => {
    expect(parseTable(recorded('rules-removed')).switches).toEqual(new Map([['dhcp4-1', '']]))
  })

  test('if the rule that keeps other replies in was removed', () => {
    expect(parseTable(recorded('rules-removed')).replies).toEqual(new Set())
  })
})

test('a table without its map counts as none, so that it is made', () => {
  const { nftables } = JSON.parse(recorded('intact')) as { nftables: object[] }
  const withoutMap = { nftables: nftables.filter(entry => !('map' in entry)) }
  expect(parseTable(JSON.stringify(withoutMap)).exists).toBe(false)
})

test('what is not of nft’s format throws', () => {
  expect(() => parseTable('{}')).toThrow()
  expect(() => parseTable('nothing')).toThrow()
})
