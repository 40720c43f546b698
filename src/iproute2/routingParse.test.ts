import { describe, expect, test } from 'vitest'
import { markedRoute, neighbourAt, prefixOf, proxyFor, routeTo } from '../../test/routings.ts'
import { parseNeighbours, parseProxies, parseRoutes, parseRules } from './routingParse.ts'

// Recorded with iproute2 6.1.0 and 6.15.0 on kernel 6.18; both print the same.

const ROUTES4 = `[
{"dst":"default","gateway":"203.0.113.10","dev":"vmbr0","protocol":"12","metric":32,"flags":["onlink"]},
{"dst":"203.0.113.10","dev":"vmbr0","protocol":"103","scope":"253","metric":1,"flags":["linkdown"]},
{"dst":"203.0.113.11","dev":"vmbr0","scope":"253","flags":[]},
{"dst":"203.0.113.64/28","gateway":"203.0.113.10","dev":"vmbr0","protocol":"103","metric":1,"flags":["onlink"]},
{"type":"6","dst":"10.0.0.0/8","protocol":"103","metric":1,"flags":[]},
{"dst":"203.0.113.12","protocol":"103","metric":1,"flags":[],"nexthops":[{"dev":"vmbr0","weight":1,"flags":[]},{"dev":"vmbr1","weight":1,"flags":[]}]},
{"dst":"203.0.113.13","via":{"family":"inet6","host":"fe80::5"},"dev":"vmbr0","protocol":"12","metric":32,"flags":[]}]`

const ROUTES6 = `[
{"dst":"2001:db8::10","dev":"vmbr0","protocol":"103","metric":1024,"flags":[],"pref":"medium"},
{"dst":"2001:db8:1::/64","gateway":"2001:db8::10","dev":"vmbr0","protocol":"103","metric":1,"flags":["onlink"],"pref":"medium"},
{"dst":"default","gateway":"2001:db8::10","dev":"vmbr0","protocol":"12","metric":1024,"flags":["onlink"],"pref":"medium"}]`

test('another instance’s mark is no mark of this one', () => {
  const { marked, foreign } = parseRoutes(ROUTES4, 'ipv4', 100, 140)
  expect(marked).toEqual([])
  expect(foreign).toHaveLength(7)
})

describe('routes', () => {
  const { marked, foreign } = parseRoutes(ROUTES4, 'ipv4', 100)

  test('that bear the mark are guestnet’s', () => {
    expect(marked.slice(0, 2)).toEqual([
      markedRoute(routeTo('203.0.113.10/32')),
      markedRoute(routeTo('203.0.113.64/28', 'vmbr0', '203.0.113.10')),
    ])
  })

  test('may lead nowhere, whatever device IPv6 names', () => {
    expect(marked[2]).toEqual(markedRoute({ prefix: prefixOf('10.0.0.0/8') }))
    const [hole] = parseRoutes(
      '[{"type":"6","dst":"2001:db8::1","dev":"lo","protocol":"103","metric":1,"flags":[],"pref":"medium"}]',
      'ipv6',
      100,
    ).marked
    expect(hole).toEqual(markedRoute({ prefix: prefixOf('2001:db8::1/128') }))
  })

  test('that bear the mark and that guestnet would not make have no form', () => {
    expect(marked.slice(3)).toEqual([{ table: 100, prefix: '203.0.113.12/32', metric: 1 }])
  })

  test('of others are told by whose they are; without protocol they come from somebody’s hand', () => {
    expect(foreign).toEqual([
      { table: 100, prefix: '0.0.0.0/0', metric: 32, protocol: 12 },
      { table: 100, prefix: '203.0.113.11/32', metric: 0, protocol: 3 },
      { table: 100, prefix: '203.0.113.13/32', metric: 32, protocol: 12 },
    ])
  })

  test('of IPv6 are read alike; one with another metric is somebody else’s, whatever its protocol', () => {
    expect(parseRoutes(ROUTES6, 'ipv6', 100)).toEqual({
      marked: [markedRoute(routeTo('2001:db8:1::/64', 'vmbr0', '2001:db8::10'))],
      foreign: [
        { table: 100, prefix: prefixOf('2001:db8::10/128'), metric: 1024, protocol: 103 },
        { table: 100, prefix: prefixOf('::/0'), metric: 1024, protocol: 12 },
      ],
    })
  })

  test('may be none', () => {
    expect(parseRoutes('', 'ipv4', 100)).toEqual({ marked: [], foreign: [] })
    expect(parseRoutes('[]', 'ipv6', 100)).toEqual({ marked: [], foreign: [] })
  })
})

test('permanent neighbours are told apart by the mark', () => {
  const listing = `[{"dst":"203.0.113.13","dev":"vmbr0","lladdr":"52:54:00:9e:00:64","state":["PERMANENT"],"protocol":"12"},
{"dst":"203.0.113.11","dev":"vmbr0","lladdr":"52:54:00:9e:00:65","state":["PERMANENT"]},
{"dst":"2001:db8::10","dev":"vmbr0","lladdr":"52:54:00:9e:00:64","state":["PERMANENT"],"protocol":"103"}]`
  expect(parseNeighbours(listing)).toEqual([
    { ...neighbourAt('203.0.113.13', '52:54:00:9e:00:64'), marked: false },
    { ...neighbourAt('203.0.113.11', '52:54:00:9e:00:65'), marked: false },
    { ...neighbourAt('2001:db8::10', '52:54:00:9e:00:64'), marked: true },
  ])
})

test('so are proxies', () => {
  const listing = `[{"dst":"2001:db8::20","dev":"vmbr0","proxy":null,"protocol":"103"},
{"dst":"2001:db8::21","dev":"vmbr0","proxy":null}]`
  expect(parseProxies(listing)).toEqual([
    { ...proxyFor('2001:db8::20'), marked: true },
    { ...proxyFor('2001:db8::21'), marked: false },
  ])
})

describe('rules', () => {
  const RULES = `[{"priority":0,"src":"all","table":"255"},
{"priority":5100,"src":"all","iif":"vmbr0","table":"100","protocol":"103"},
{"priority":5100,"src":"all","iif":"vmbr0","table":"100"},
{"priority":5100,"src":"10.0.0.0","srclen":8,"iif":"vmbr0","table":"100","protocol":"103"},
{"priority":5100,"src":"all","iif":"gone0","iif_detached":null,"table":"100","protocol":"103"},
{"priority":5101,"src":"all","table":"100","suppress_prefixlen":0,"protocol":"103"},
{"priority":32766,"src":"all","table":"254"}]`

  test('of others are left out; what guestnet’s never ask for is peculiar', () => {
    const usual = { family: 'ipv4', table: 100, peculiar: false }
    expect(parseRules(RULES, 'ipv4')).toEqual([
      { ...usual, pref: 5100, device: 'vmbr0' },
      { ...usual, pref: 5100, device: 'vmbr0', peculiar: true },
      { ...usual, pref: 5100, device: 'gone0' },
      { ...usual, pref: 5101, suppress: 0 },
    ])
  })
})
