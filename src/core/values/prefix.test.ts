import { expect, test } from 'vitest'
import { parsePrefix } from './prefix.ts'

test.each([
  ['192.0.2.0/24', '192.0.2.0/24'],
  ['192.0.2.5/32', '192.0.2.5/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8:0::/48', '2001:db8::/48'],
  ['::/0', '::/0'],
])('a network is read in canonical form: %s', (text, prefix) => expect(parsePrefix(text)).toBe(prefix))

test.each(['192.0.2.5/24', '2001:db8::1/48', '192.0.2.0', '192.0.2.0/33', '::/129', '', 'x/24'])(
  'anything else is not a network: %j',
  text => expect(parsePrefix(text)).toBeUndefined(),
)
