import { describe, expect, test } from 'vitest'
import {
  chainOfReplies,
  chainOfRequests,
  chainOfServer,
  isPortChain,
  linkOfReplies,
  linkOfRequests,
  serverOfChain,
} from './names.ts'

test.each(['dhcp4-1', 'dhcp4-12', 'dhcp6-1', 'dhcp6-12'] as const)(
  'the chain of %s tells its server',
  server => {
    expect(serverOfChain(chainOfServer(server))).toBe(server)
  },
)

test.each(['server-0', 'server-01', 'server-', 'server-x', 'server7-1', 'my-server-1', 'tap100i0'])(
  '%s is no server’s chain',
  chain => expect(serverOfChain(chain)).toBeUndefined(),
)

test('the requests’ chain tells the link it leads to', () => {
  expect(linkOfRequests(chainOfRequests('guestnet-1'))).toBe('guestnet-1')
  expect(linkOfRequests('server-1')).toBeUndefined()
})

test('the replies’ chain tells the link they come from', () => {
  expect(linkOfReplies(chainOfReplies('guestnet-1'))).toBe('guestnet-1')
  expect(linkOfReplies('server-1')).toBeUndefined()
})

describe('a chain is a guest’s port if it is called as one:', () => {
  test.each([
    ['tap100i0', true],
    ['veth101i31', true],
    ['fwln100i0', false],
    ['tap100i0p0', false],
    ['tap100', false],
    ['server-1', false],
    ['replies-tap100i0', false],
    ['requests-tap100i0', false],
  ])('%s: %s', (chain, expected) => expect(isPortChain(chain)).toBe(expected))
})
