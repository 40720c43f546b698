import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY, parsePolicy } from './policy.ts'

const FILE = '/etc/pve/guestnet.yaml'

function policyOf(text: string) {
  const result = parsePolicy(text, FILE)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.policy
}

/** `LINE:COLUMN message remedy` */
function mistakesIn(text: string): string[] {
  const result = parsePolicy(text, FILE)
  if (result.ok) return []
  return result.problems.map(({ line, column, message, remedy }) =>
    [`${line}:${column}`, message, remedy].filter(part => part !== undefined).join(' '),
  )
}

describe('a policy', () => {
  test.each([
    '',
    '# nothing yet\n',
    '{}',
    '---\n',
    'dhcp:\n',
    'dhcp: {}\n',
    'dhcp:\r\n  enabled: true\r',
    '\uFEFF# with a byte order mark\n',
  ])('that says nothing is the default: %j', text => expect(policyOf(text)).toEqual(DEFAULT_POLICY))

  test('by default serves every network, with leases of an hour', () => {
    expect(DEFAULT_POLICY).toEqual({
      dhcp: { enabled: true, lease: 3600 },
      conflicts: { grace: 300 },
      changes: { share: 50, count: 10 },
      guard: { mode: 'off', extra: new Map() },
    })
  })

  test('is read whole', () => {
    const text = `dhcp:
  enabled: true
  lease: 2d
  exclude: [{bridge: vmbr9}, {bridge: vmbr0, tag: 5}]
  boot: {nextServer: 192.0.2.9, bios: undionly.kpxe, uefi: ipxe.efi, ipxe: "http://boot.example/menu"}
`
    expect(policyOf(text)).toEqual({
      conflicts: { grace: 300 },
      changes: { share: 50, count: 10 },
      guard: { mode: 'off', extra: new Map() },
      dhcp: {
        enabled: true,
        lease: 172_800,
        exclude: [{ bridge: 'vmbr9' }, { bridge: 'vmbr0', tag: 5 }],
        boot: {
          nextServer: '192.0.2.9',
          bios: 'undionly.kpxe',
          uefi: 'ipxe.efi',
          ipxe: 'http://boot.example/menu',
        },
      },
    })
  })

  test('is read whole, with what is announced and to whom', () => {
    const text = `announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24, "2001:db8:a::/48"]
      gateway: {ipv4: 172.31.1.1, ipv6: "fe80::1", mac: "da:f0:f1:08:55:c4"}
  notes: off
bgp:
  as: {pve1: 4220000001, pve2: 4220000002}
  peers:
    - {name: rtr01, address: "2001:db8:ffff::2", as: 65000, bfd: true}
`
    expect(policyOf(text)).toEqual({
      ...DEFAULT_POLICY,
      announce: {
        table: 100,
        networks: [
          {
            bridge: 'vmbr0',
            prefixes: ['203.0.113.0/24', '2001:db8:a::/48'],
            gateway: { ipv4: '172.31.1.1', ipv6: 'fe80::1', mac: 'da:f0:f1:08:55:c4' },
          },
        ],
        notes: 'off',
        sysctl: false,
      },
      bgp: {
        mode: 'own',
        as: { pve1: 4_220_000_001, pve2: 4_220_000_002 },
        routerId: 'auto',
        multipath: 16,
        export: [],
        blackholes: [],
        peers: [
          expect.objectContaining({ name: 'rtr01', address: '2001:db8:ffff::2', as: 65_000, bfd: true }),
        ],
      },
    })
  })

  const ANNOUNCE = 'announce: {table: 100, networks: [{bridge: vmbr0, prefixes: [203.0.113.0/24]}]}'
  const BGP = 'bgp: {as: 65001, peers: [{name: rtr01, address: 192.0.2.1, as: 65000}]}'
  test.each([
    ['announces nothing', [], undefined, undefined],
    ['tells only the kernel', [ANNOUNCE], 100, undefined],
    ['leaves BGP to others', [ANNOUNCE, 'bgp: external'], 100, 'external'],
    ['announces by BGP', [ANNOUNCE, BGP], 100, 'own'],
  ])('%s', (_, lines, table, mode) => {
    const { announce, bgp } = policyOf(lines.join('\n'))
    expect([announce?.table, bgp?.mode]).toEqual([table, mode])
  })

  test.each([
    [BGP, ['1:6 `bgp` has nothing to announce: add `announce`, or remove `bgp`.']],
    [`announce:\n${BGP}`, ['2:6 `bgp` has nothing to announce: add `announce`, or remove `bgp`.']],
    [
      'dhcp: 1\nbgp: {as: 65001, peers: []}',
      [
        '1:7 `dhcp` must be a map of settings, not `1`.',
        '2:6 `bgp` has nothing to announce: add `announce`, or remove `bgp`.',
        '2:25 `bgp.peers` must name at least one peer.',
      ],
    ],
  ])('without anything to announce needs no BGP of its own: %j', (text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes)
  })

  test('has rules of export only for networks that are announced', () => {
    const rules = '[{bridge: vmbr0, med: 1}, {bridge: vmbr0, tag: 5, med: 1}]'
    expect(mistakesIn(`${ANNOUNCE}\n${BGP.slice(0, -1)}, export: ${rules}}`)).toEqual([
      '2:107 `bgp.export[1]` is for a network that is none of `announce.networks`.',
    ])
  })

  test('tells all its mistakes at once, each where it stands', () => {
    const text = `dhcp:
  enabled: yes
  leas: 1h
  exclude:
    - {bridge: vmbr9, tag: 4095}
    - tag: 5
  only: []
  boot:
    nextServer: 192.0.2.999
    bios: "${'x'.repeat(128)}"
colour: red
`
    expect(mistakesIn(text)).toEqual([
      '2:12 `dhcp.enabled` must be `true` or `false`, not `yes`.',
      '3:3 `dhcp.leas` is not a known key. Did you mean `lease`?',
      '5:28 `dhcp.exclude[0].tag` must be a VLAN from 1 to 4094, not `4095`.',
      '6:7 `dhcp.exclude[1].bridge` is missing; it must be the name of a bridge or vnet, at most 15 characters.',
      '7:9 `dhcp.only` cannot be used together with `exclude`.',
      '9:17 `dhcp.boot.nextServer` must be an IPv4 address, not `192.0.2.999`.',
      `10:11 \`dhcp.boot.bios\` must be a file name or URL of at most 127 ASCII characters without blanks, not \`${'x'.repeat(40)}…\`.`,
      '11:1 `colour` is not a known key. Known here: dhcp, conflicts, changes, announce, bgp, http, guard.',
    ])
  })

  test('tells all mistakes about announcing at once, each where it stands', () => {
    const text = `announce:
  table: 254
  networks:
    - {bridge: vmbr0, prefixes: [203.0.113.5/24]}
    - {bridge: vmbr0, prefixes: ["::/0"], gateway: {}}
  note: off
bgp:
  as: {pve1: 0, pve_2: 65001}
  peers:
    - {name: rtr01, address: "fe80::2", as: 65000}
    - {name: rtr01, adress: 192.0.2.1, as: 65000}
`
    expect(mistakesIn(text)).toEqual([
      "2:10 `announce.table` must be a table of guestnet's own, such as 100: 254 is `main`, which the host itself uses.",
      '4:34 `announce.networks[0].prefixes[0]` must be a network without host bits, such as 192.0.2.0/24 or 2001:db8::/48, not "203.0.113.5/24".',
      '5:7 `announce.networks[1]` is the same network as `[0]`.',
      '5:34 `announce.networks[1].prefixes[0]` must not be everything there is: name the networks that may leave the node.',
      '5:52 `announce.networks[1].gateway` must have an address, `ipv4` or `ipv6`.',
      '6:3 `announce.note` is not a known key. Did you mean `notes`?',
      '8:14 `bgp.as.pve1` must be an AS number from 1 to 4294967294, other than 23456 and 65535, not `0`.',
      '8:24 `bgp.as.pve_2` is not a name that a node can have.',
      '10:30 `bgp.peers[0].address` is link-local: name the link it is on as `interface`.',
      '11:7 `bgp.peers[1]` must have an `address`, or an `interface` to find the peer on.',
      '11:7 `bgp.peers[1]` has the same name as `[0]`.',
      '11:21 `bgp.peers[1].adress` is not a known key. Did you mean `address`?',
    ])
  })

  test.each([
    [
      'dhcp:\n\tlease: 1h\n',
      '2:1 This is not valid YAML: Tabs are not allowed as indentation. Indent with blanks.',
    ],
    ['dhcp: {}\ndhcp: {}\n', '2:1 `dhcp` is written twice.'],
    ['dhcp: {}\n---\ndhcp: {}\n', '2:1 This is not valid YAML: a second document.'],
    ['- dhcp\n', '1:1 The text must be a map of settings, not a list.'],
    ['dhcp\n', '1:1 The text must be a map of settings, not `dhcp`.'],
    ['dhcp: "1\n', '1:1 This is not valid YAML: Missing closing "quote.'],
    [
      'dhcp: &a {lease: 1h}\nx: *a\n',
      '2:1 `x` is not a known key. Known here: dhcp, conflicts, changes, announce, bgp, http, guard.',
    ],
    ['dhcp:\n  only:\n', '2:8 `dhcp.only` must be a list, not empty.'],
    ['dhcp: !secret x\n', '1:7 This is not valid YAML: Unresolved tag: !secret.'],
    ['? [a]\n: 1\n', '1:3 This is not valid YAML: a key that is not plain text.'],
    [
      '{"__proto__": {"dhcp": 1}}',
      '1:2 `__proto__` is not a known key. Known here: dhcp, conflicts, changes, announce, bgp, http, guard.',
    ],
  ])('%j is refused with line and column', (text, mistake) => {
    expect(mistakesIn(text)).toContain(mistake)
  })

  test('is never expanded from aliases', () => {
    const bomb = [
      'a: &a [x, x, x, x]',
      ...Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*a, *a, *a, *a]`),
    ]
    expect(mistakesIn(bomb.join('\n'))).toContain('2:10 Aliases (`*name`) are not supported here.')
  })

  test('tells of each missing key, though all are missed in one place', () => {
    expect(mistakesIn('dhcp: {only: [{}, {}], exclude: }\n')).toHaveLength(4)
  })

  const staircase = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')
  test.each([
    ['flow lists', '['.repeat(1000)],
    ['lists on a line', '- '.repeat(1000)],
    ['explicit keys', '? '.repeat(1000)],
    ['flow maps', '{a: '.repeat(1000)],
    ['maps', staircase],
  ])('of endlessly nested %s is refused, not followed', (_, text) => {
    expect(mistakesIn(text)).toEqual(['1:1 The text is nested deeper than 32 levels.'])
  })

  test.each([
    ['networks', 'announce: {table: 1, networks: [', 'x,', ']}'],
    ['prefixes', 'announce: {table: 1, networks: [{bridge: a, prefixes: [', 'x,', ']}]}'],
    ['peers', 'announce: {}\nbgp: {as: 1, peers: [', 'x,', ']}'],
    ['families', 'announce: {}\nbgp: {as: 1, peers: [{name: a, families: [', 'x,', ']}]}'],
  ])('with endless %s is refused in few words', (_, head, item, tail) => {
    const mistakes = mistakesIn(head + item.repeat(65_000) + tail)
    expect(mistakes).toContainEqual(expect.stringMatching(/must have at most [0-9]+ items, not 65000\.$/))
    expect(mistakes.length).toBeLessThan(10)
  })

  test('longer than 128 KiB is refused unread', () => {
    expect(mistakesIn('#'.repeat(131_073))).toEqual(['1:1 The policy is longer than 131072 characters.'])
  })
})
