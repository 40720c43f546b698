import { expect, test } from 'vitest'
import { parseCommunity } from './community.ts'

test.each(['0:0', '65535:65535', '65000:1:2', '4294967295:4294967295:0'])('a community is read: %s', text =>
  expect(parseCommunity(text)).toBe(text),
)

test.each(['65536:1', '1:65536', '4294967296:1:1', '1', '1:2:3:4', '01:2', '-1:2', '', '1: 2', 'a:b'])(
  'anything else is not a community: %j',
  text => expect(parseCommunity(text)).toBeUndefined(),
)
