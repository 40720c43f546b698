import { describe, expect, test } from 'vitest'
import { parsePrefix } from '../core/values/prefix.ts'
import { renderSnippet } from './external.ts'

const given = {
  mark: 103,
  table: 100,
  as: 65001,
  prefixes: ['203.0.113.0/24', '203.0.114.7/32', '2001:db8:a::/48'].flatMap(text => parsePrefix(text) ?? []),
}

test('BIRD learns guestnet’s routes from its table, as far as the policy lists them', () => {
  const snippet = renderSnippet('bird', given)
  expect(snippet).toContain('kernel table 100;\n  learn;')
  expect(snippet).toContain('import where krt_source = 103 && net ~ [ 203.0.113.0/24+, 203.0.114.7/32 ];')
  expect(snippet).toContain('import where krt_source = 103 && net ~ [ 2001:db8:a::/48+ ];')
})

describe('FRR', () => {
  test('reads the table directly', () => {
    const snippet = renderSnippet('frr', given)
    expect(snippet).toContain('ip prefix-list guestnet-ipv4 seq 10 permit 203.0.114.7/32\n')
    expect(snippet).toContain('ipv6 prefix-list guestnet-ipv6 seq 5 permit 2001:db8:a::/48 le 128\n')
    expect(snippet).toContain('  redistribute table-direct 100 route-map guestnet-ipv6\n')
  })

  test('before 10.1 has it imported by zebra, for IPv4 alone', () => {
    const snippet = renderSnippet('frr8', given)
    expect(snippet).toContain('ip import-table 100\n')
    expect(snippet).toContain('  redistribute table 100 route-map guestnet-ipv4\n')
    expect(snippet).not.toContain('ipv6')
  })

  test.each(['frr', 'frr8', 'bird'] as const)(
    'nothing is announced by %s where the policy lists nothing',
    daemon => {
      const snippet = renderSnippet(daemon, { ...given, prefixes: [] })
      expect(snippet).toMatch(
        daemon === 'bird' ? /import where false/ : /prefix-list guestnet-ipv4 seq 5 deny any/,
      )
    },
  )
})
