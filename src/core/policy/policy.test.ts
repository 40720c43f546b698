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
    expect(DEFAULT_POLICY).toEqual({ dhcp: { enabled: true, lease: 3600 } })
  })

  test('is read whole', () => {
    const text = `dhcp:
  enabled: true
  lease: 2d
  exclude: [{bridge: vmbr9}, {bridge: vmbr0, tag: 5}]
  boot: {nextServer: 192.0.2.9, bios: undionly.kpxe, uefi: ipxe.efi, ipxe: "http://boot.example/menu"}
`
    expect(policyOf(text)).toEqual({
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
      '11:1 `colour` is not a known key. Known here: dhcp.',
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
    ['dhcp: &a {lease: 1h}\nx: *a\n', '2:1 `x` is not a known key. Known here: dhcp.'],
    ['dhcp:\n  only:\n', '2:8 `dhcp.only` must be a list, not empty.'],
    ['dhcp: !secret x\n', '1:7 This is not valid YAML: Unresolved tag: !secret.'],
    ['? [a]\n: 1\n', '1:3 This is not valid YAML: a key that is not plain text.'],
    ['{"__proto__": {"dhcp": 1}}', '1:2 `__proto__` is not a known key. Known here: dhcp.'],
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

  test('longer than 128 KiB is refused unread', () => {
    expect(mistakesIn('#'.repeat(131_073))).toEqual(['1:1 The policy is longer than 131072 characters.'])
  })
})
