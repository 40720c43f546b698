import { describe, expect, test } from 'vitest'
import { AnnouncePolicy, uplinkTableOf } from './announce.ts'

const NETWORK = { bridge: 'vmbr0', prefixes: ['203.0.113.0/24'] }

function withNetwork(more: object) {
  return { table: 100, networks: [{ ...NETWORK, ...more }] }
}

/** `path message` of each mistake; none where the policy is in order. */
function mistakesIn(announce: unknown): string[] {
  const { error } = AnnouncePolicy.safeParse(announce, { reportInput: true })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

function accepts(announce: unknown): boolean {
  return mistakesIn(announce).length === 0
}

describe('what is announced', () => {
  test('needs a table and networks; Notes are not trusted and sysctls left alone unless it says so', () => {
    expect(AnnouncePolicy.parse({ table: 100, networks: [NETWORK] })).toEqual({
      table: 100,
      networks: [NETWORK],
      notes: 'off',
      sysctl: false,
    })
    expect(mistakesIn({})).toEqual([
      'table is missing; it must be the number of a routing table, from 1 to 4294967295',
      'networks is missing; it must be a list of networks',
    ])
  })

  test('may also be what a folder of fast-announcer’s files names, by its whole path', () => {
    const withFolder = (fastAnnouncer: unknown) => ({ table: 100, networks: [NETWORK], fastAnnouncer })
    expect(accepts(withFolder('/var/lib/infra/network'))).toBe(true)
    expect(mistakesIn(withFolder('network'))).toEqual([
      'fastAnnouncer must be the path of a folder, beginning with /, not `network`',
    ])
  })

  test('names addresses, prefixes and MACs in canonical form', () => {
    const { networks } = AnnouncePolicy.parse(
      withNetwork({
        tag: 5,
        device: 'vmbr0.5',
        prefixes: ['2001:DB8:0::/48'],
        gateway: { ipv4: '172.31.1.1', ipv6: 'FE80:0::1', mac: 'DA:F0:F1:08:55:C4' },
      }),
    )
    expect(networks).toEqual([
      {
        bridge: 'vmbr0',
        tag: 5,
        device: 'vmbr0.5',
        prefixes: ['2001:db8::/48'],
        gateway: { ipv4: '172.31.1.1', ipv6: 'fe80::1', mac: 'da:f0:f1:08:55:c4' },
      },
    ])
  })
})

describe('a table', () => {
  test.each([1, 100, 251, 256, 4_294_967_294])('%j can be our own', table => {
    expect(AnnouncePolicy.parse({ table, networks: [NETWORK] }).table).toBe(table)
  })

  test('of the default routes is the next, or named', () => {
    const uplinkOf = (tables: object) =>
      uplinkTableOf(AnnouncePolicy.parse({ networks: [NETWORK], ...tables }))
    expect(uplinkOf({ table: 100 })).toBe(101)
    expect(uplinkOf({ table: 252, uplinkTable: 7 })).toBe(7)
    expect(mistakesIn({ table: 100, uplinkTable: 100, networks: [NETWORK] })).toEqual([
      'uplinkTable must be another one than `table`',
    ])
  })

  test.each([252, 4_294_967_295])('%j has no free number after it', table => {
    expect(mistakesIn({ table, networks: [NETWORK] })).toEqual([
      'table needs `uplinkTable` beside it, since the next number is not free for that one',
    ])
  })

  test.each([
    [253, 'default'],
    [254, 'main'],
    [255, 'local'],
  ])('%j is refused, with the reason', (table, name) => {
    expect(mistakesIn({ table, networks: [NETWORK] })).toEqual([
      `table must be a table of guestnet's own, such as 100: ${table} is \`${name}\`, which the host itself uses`,
    ])
  })

  test.each([
    0,
    -1,
    1.5,
    4_294_967_296,
    1e30,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'main',
    '100',
    true,
    null,
  ])('%j is refused, once', table => expect(mistakesIn({ table, networks: [NETWORK] })).toHaveLength(1))
})

describe('a prefix', () => {
  test.each(['192.0.2.0/24', '192.0.2.1/32', '0.0.0.0/1', '2001:db8::/48', '2001:db8::1/128', '::/1'])(
    '%s may leave the node',
    prefix => expect(accepts(withNetwork({ prefixes: [prefix] }))).toBe(true),
  )

  test.each(['0.0.0.0/0', '::/0'])('%s is refused: everything is no policy', prefix => {
    expect(mistakesIn(withNetwork({ prefixes: [prefix] }))).toEqual([
      'networks.0.prefixes.0 must not be everything there is: name the networks that may leave the node',
    ])
  })

  test.each(['192.0.2.5/24', '2001:db8::1/48', '192.0.2.0', '192.0.2.0/33', '', 'all', 5, null])(
    '%j is refused',
    prefix => expect(mistakesIn(withNetwork({ prefixes: [prefix] }))).toHaveLength(1),
  )

  test('there must be at least one', () => {
    expect(mistakesIn(withNetwork({ prefixes: [] }))).toEqual([
      'networks.0.prefixes must name at least one network that may leave the node',
    ])
  })
})

describe('a network', () => {
  test('may differ from another by its VLAN alone', () => {
    const networks = [
      NETWORK,
      { ...NETWORK, tag: 5 },
      { ...NETWORK, tag: 6 },
      { ...NETWORK, bridge: 'vmbr1' },
    ]
    expect(accepts({ table: 100, networks })).toBe(true)
  })

  test('is refused the second time, even beside another mistake in it', () => {
    const networks = [{ ...NETWORK, tag: 5 }, NETWORK, { ...NETWORK, tag: 5, prefixes: [] }]
    expect(mistakesIn({ table: 100, networks })).toEqual([
      'networks.2.prefixes must name at least one network that may leave the node',
      'networks.2 is the same network as `[0]`',
    ])
  })

  test('must be one of at least one', () => {
    expect(mistakesIn({ table: 100, networks: [] })).toEqual(['networks must name at least one network'])
  })

  test.each([
    ['vmbr0.5', true],
    ['x'.repeat(15), true],
    ['x'.repeat(16), false],
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a b', false],
    ['a"b', false],
    ['a\n', false],
    [5, false],
  ])('may name its device: %j %s', (device, valid) => {
    expect(accepts(withNetwork({ device }))).toBe(valid)
  })
})

describe('a gateway', () => {
  test.each([
    [{ ipv4: '172.31.1.1' }, true],
    [{ ipv6: 'fe80::1' }, true],
    [{ ipv6: '2001:db8::1', mac: 'da:f0:f1:08:55:c4' }, true],
    [{}, false],
    [{ mac: 'da:f0:f1:08:55:c4' }, false],
    [{ ipv4: '172.31.1.1/24' }, false],
    [{ ipv4: '0.0.0.0' }, false],
    [{ ipv4: '224.0.0.1' }, false],
    [{ ipv6: '172.31.1.1' }, false],
    [{ ipv6: 'fe80::1%vmbr0' }, false],
    [{ ipv6: '::' }, false],
    [{ ipv6: 'ff02::1' }, false],
    [{ ipv4: '172.31.1.1', mac: '01:00:5e:00:00:01' }, false],
    [{ ipv4: '172.31.1.1', vmac: true }, false],
  ])('has an address that a host can have: %j %s', (gateway, valid) => {
    expect(accepts(withNetwork({ gateway }))).toBe(valid)
  })
})

test.each([
  ['off', []],
  ['trusted', []],
  [false, ['notes must be `off` or `trusted`, not `false`; write `off`']],
  [
    true,
    [
      'notes must be `off` or `trusted`, not `true`; write `trusted` if you trust everybody who may edit Notes',
    ],
  ],
  ['on', ['notes must be `off` or `trusted`, not `on`']],
])('Notes are `off` or `trusted`: %j', (notes, mistakes) => {
  expect(mistakesIn({ table: 100, networks: [NETWORK], notes })).toEqual(mistakes)
})
