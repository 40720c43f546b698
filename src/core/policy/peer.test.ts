import { describe, expect, test } from 'vitest'
import { AsNumber, Peer } from './peer.ts'

const PEER = { name: 'rtr01', address: '192.0.2.1', as: 65_000 }

function mistakesIn(peer: unknown): string[] {
  const { error } = Peer.safeParse(peer, { reportInput: true })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

function accepts(peer: unknown): boolean {
  return mistakesIn(peer).length === 0
}

describe('an AS number', () => {
  test.each([
    [1, true],
    [23_455, true],
    [23_456, false],
    [65_534, true],
    [65_535, false],
    [65_536, true],
    [4_294_967_294, true],
    [4_294_967_295, false],
    [0, false],
    [1.1, false],
    ['65000', false],
  ])('%j can be somebody’s own: %s', (as, valid) => expect(AsNumber.safeParse(as).success).toBe(valid))
})

describe('a peer', () => {
  test('is told everything, without BFD and GTSM, and gives default routes, unless the policy says otherwise', () => {
    expect(Peer.parse(PEER)).toEqual({
      ...PEER,
      bfd: false,
      defaultRoute: true,
      ttlSecurity: false,
      families: ['ipv4', 'ipv6'],
    })
  })

  test('is read whole', () => {
    const peer = {
      ...PEER,
      bfd: true,
      password: 'say friend',
      multihop: 2,
      holdTime: 9,
      defaultRoute: false,
      ttlSecurity: true,
      nodes: ['pve1'],
      families: ['ipv6'],
      port: 1790,
    }
    expect(Peer.parse(peer)).toEqual(peer)
  })

  test.each([
    [{ address: '192.0.2.1' }],
    [{ address: '2001:db8::1' }],
    [{ address: '127.0.0.1' }],
    [{ address: '2001:db8::1', interface: 'eno1' }],
    [{ address: 'fe80::1', interface: 'eno1' }],
    [{ interface: 'eno1' }],
    [{ address: '2001:db8::1', multihop: 255 }],
  ])('may be reached by %j', reach => {
    expect(mistakesIn({ name: 'rtr01', as: 65_000, ...reach })).toEqual([])
  })

  const TOO_FAR =
    'multihop is for peers behind a router: it cannot be used together with `interface` or a link-local address'
  const LINKLESS = 'address is link-local: name the link it is on as `interface`'
  test.each([
    [{}, [' must have an `address`, or an `interface` to find the peer on']],
    [{ address: 'fe80::1' }, [LINKLESS]],
    [{ address: 'fe80::1', multihop: 2 }, [LINKLESS, TOO_FAR]],
    [{ interface: 'eno1', multihop: 2 }, [TOO_FAR]],
    [{ address: '192.0.2.1', interface: 'eno1', multihop: 2 }, [TOO_FAR]],
  ])('cannot be reached by %j', (reach, mistakes) => {
    expect(mistakesIn({ name: 'rtr01', as: 65_000, ...reach })).toEqual(mistakes)
  })

  test.each([
    '0.0.0.0',
    '::',
    '224.0.0.5',
    'ff02::1',
    '255.255.255.255',
    'fe80::1%eno1',
    'rtr01.example',
    '192.0.2.1/32',
  ])('is not at %s', address => expect(accepts({ ...PEER, address })).toBe(false))

  test.each([
    [{ name: 'a' }, true],
    [{ name: `a${'-'.repeat(30)}` }, true],
    [{ name: `a${'-'.repeat(31)}` }, false],
    [{ name: '1a' }, false],
    [{ name: 'a b' }, false],
    [{ name: undefined }, false],
    [{ multihop: 1 }, true],
    [{ multihop: 0 }, false],
    [{ multihop: 256 }, false],
    [{ holdTime: 3 }, true],
    [{ holdTime: 65_535 }, true],
    [{ holdTime: 0 }, false],
    [{ holdTime: 65_536 }, false],
    [{ families: ['ipv4'] }, true],
    [{ families: [] }, false],
    [{ families: ['ipv4', 'ipv4'] }, false],
    [{ families: 'ipv4' }, false],
    [{ families: ['vpnv4'] }, false],
    [{ port: 0 }, false],
    [{ port: 65_535 }, true],
    [{ interface: 'a b' }, false],
    [{ bfd: 'yes' }, false],
    [{ preferred: true }, false],
  ])('with %j: %s', (more, valid) => expect(accepts({ ...PEER, ...more })).toBe(valid))

  test.each([
    ['x', true],
    [" !#$%&'\\~", true],
    ['x'.repeat(80), true],
    ['x'.repeat(81), false],
    ['', false],
    ['a"b', false],
    ['a\nb', false],
    ['ä', false],
    [12_345, false],
  ])('may have a password of printable ASCII: %j %s', (password, valid) => {
    expect(accepts({ ...PEER, password })).toBe(valid)
  })

  test.each(['sec"ret', 314_159])('keeps its password out of messages: %j', password => {
    expect(mistakesIn({ ...PEER, password }).join()).not.toContain(String(password))
  })
})
