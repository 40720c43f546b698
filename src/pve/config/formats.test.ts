import { expect, test } from 'vitest'
import { ADDRESS_LIST, DNS_NAME, LXC_ADDRESS_LIST, VOLUME } from './formats.ts'

test.each(['web', 'web.example.com', '0', 'A-1', 'x'.repeat(300)])('%s is a DNS name', name =>
  expect(DNS_NAME.read(name)).toBe(name),
)

test.each(['', 'a..b', '-a', 'a-', 'a.', 'a_b', 'é', '"web"'])('%j is no DNS name', name =>
  expect(DNS_NAME.read(name)).toBeUndefined(),
)

test.each([
  '192.0.2.53 2001:db8::53',
  '192.0.2.53,198.51.100.53;ns.example.com',
  ',; 192.0.2.53 ,',
  '192.0.2.53\0ns.example.com\0',
  ' ',
  '192.0.2.53\udca0198.51.100.53\udc85',
])(
  'addresses and names may stand between blanks, commas, semicolons, NULs or the byte of a no-break space: %j',
  list => expect(ADDRESS_LIST.read(list)).toBe(list),
)

test.each([
  'bad_host!',
  '192.0.2.53 -x',
  '192.0.2.53\0 ns.example.com',
  'fe80::1%eth0',
  '0',
  '192.0.2.53 0',
  '192.0.2.53\u00a0',
  '192.0.2.53\udcff',
])('a list with an entry that is neither is invalid: %j', list =>
  expect(ADDRESS_LIST.read(list)).toBeUndefined(),
)

test.each([
  ['fe80::1%eth0', true],
  ['fe80::1%vmbr0.5', true],
  ['fe80::1%e', false],
  ['2001:db8::1%eth0', false],
  ['ns.example.com', false],
])('a container takes an interface with link-local addresses, but no names: %s', (list, valid) =>
  expect(LXC_ADDRESS_LIST.read(list) === list).toBe(valid),
)

test.each([
  ['local:snippets/net.yml', true],
  ['net.yml', false],
  ['x:y', false],
  ['local:', false],
])('a volume is a storage, a colon and a name: %s', (text, valid) =>
  expect(VOLUME.read(text) === text).toBe(valid),
)
