import { expect, test } from 'vitest'
import { readIpconfig } from './ipconfig.ts'

test.each([
  ['ip=192.0.2.5/024,gw=192.0.2.1', { ip: '192.0.2.5/24', gw: '192.0.2.1' }],
  [
    'ip=192.0.2.5/32,gw=10.255.255.1,ip6=2001:DB8::5/64,gw6=fe80::1',
    { ip: '192.0.2.5/32', gw: '10.255.255.1', ip6: '2001:db8::5/64', gw6: 'fe80::1' },
  ],
  ['ip6=::ffff:192.0.2.5/96', { ip6: '::ffff:192.0.2.5/96' }],
  ['ip6=auto', { ip6: 'auto' }],
  ['ip=manual,gw=192.0.2.1', { ip: 'manual', gw: '192.0.2.1' }],
])('addresses are read in canonical form: %s', (text, value) => expect(readIpconfig(text)).toEqual({ value }))

test('no address at all means DHCP for both families', () => {
  expect(readIpconfig(' ')).toEqual({ value: { ip: 'dhcp', ip6: 'dhcp' } })
})

test.each([
  ['gw=192.0.2.1', 'gw is given without ip'],
  ['gw6=fe80::1,ip=dhcp', 'gw6 is given without ip6'],
  ['ip=dhcp,gw=192.0.2.1', 'gw cannot be given together with ip=dhcp'],
  ['ip6=auto,gw6=fe80::1', 'gw6 cannot be given together with ip6=auto'],
  ['ip6=manual,gw6=fe80::1', 'gw6 cannot be given together with ip6=manual'],
])('a gateway of no use spoils the line, and is said: %s', (text, wrong) =>
  expect(readIpconfig(text)).toEqual({ wrong }),
)

test.each(['ip=192.0.2.5', 'ip=192.0.2.5/7', 'ip=192.0.2.5/33', 'ip=192.0.2.05/24', 'ip=DHCP'])(
  'an IPv4 address needs four plain octets and a length from 8 to 32: %s',
  text => expect(readIpconfig(text)).toHaveProperty('wrong'),
)

test.each(['ip6=2001:db8::5', 'ip6=2001:db8::5/7', 'ip6=::/129', 'ip6=fe80::1%eth0/64', 'ip6=Auto'])(
  'an IPv6 address needs no zone and a length from 8 to 128: %s',
  text => expect(readIpconfig(text)).toHaveProperty('wrong'),
)
