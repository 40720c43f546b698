import { expect, test } from 'vitest'
import { parseMac } from './mac.ts'

test.each([
  ['52:54:00:9E:CC:1E', '52:54:00:9e:cc:1e'],
  ['fe:ff:ff:ff:ff:ff', 'fe:ff:ff:ff:ff:ff'],
])('six hex pairs between colons are an address, in lower case: %s', (text, mac) =>
  expect(parseMac(text)).toBe(mac),
)

test.each([
  '52-54-00-9e-cc-1e',
  '525400:9ecc1e',
  '52:54:00:9e:cc',
  '52:54:00:9e:cc:1e:00',
  '52:54:00:9e:cc:1g',
  ' 52:54:00:9e:cc:1e',
  '',
])('anything else is none: %j', text => expect(parseMac(text)).toBeUndefined())

test.each(['01:00:5e:00:00:01', '33:33:00:00:00:01', 'ff:ff:ff:ff:ff:ff'])(
  'a group address is none: %s',
  text => expect(parseMac(text)).toBeUndefined(),
)
