import { expect, test } from 'vitest'
import { parseResolver, readResolver } from './resolver.ts'

test.each<[string, string, ReturnType<typeof parseResolver>]>([
  [
    'name servers and search list',
    'nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\n',
    { nameservers: ['192.0.2.53', '2001:db8::53'], search: ['a.example', 'b.example'] },
  ],
  [
    'the first three name servers',
    '1234'.replaceAll(/./g, 'nameserver 192.0.2.$&\n'),
    {
      nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      search: [],
    },
  ],
  [
    'the last of several search lists',
    'search a.example\ndomain b.example\n',
    { nameservers: [], search: ['b.example'] },
  ],
  ['no comments', '# nameserver 192.0.2.53\n;search a.example\n', { nameservers: [], search: [] }],
  [
    'the first word after the keyword',
    '  nameserver\t192.0.2.53 # main',
    { nameservers: ['192.0.2.53'], search: [] },
  ],
])('resolv.conf gives %s', (_, text, expected) => expect(parseResolver(text)).toEqual(expected))

test('a host without resolv.conf has no name servers', () => {
  expect(readResolver('/nonexistent/resolv.conf')).toEqual({ nameservers: [], search: [] })
})
