import { expect, test } from 'vitest'
import { isOwnHost } from './host.ts'

const NAMES = new Set(['pve1', 'pve1.example.net'])

test.each(['localhost', 'localhost:9000', '127.0.0.1:8067', '[::1]:8067', 'PVE1:8067', 'pve1.example.net'])(
  '%s is a name of this node',
  host => expect(isOwnHost(host, NAMES)).toBe(true),
)

test.each([
  undefined,
  '',
  'evil.example',
  'localhost.evil.example',
  'evil.example#localhost',
  'evil.example/localhost',
  'localhost@evil.example',
  'evil@localhost',
  '127.0.0.1.evil.example:8067',
  'pve1.evil.example',
  'localhost/..',
])('%s is none', host => expect(isOwnHost(host, NAMES)).toBe(false))
