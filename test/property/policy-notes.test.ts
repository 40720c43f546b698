import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseVmid } from '../../src/core/guest/names.ts'
import { parseNotes } from '../../src/core/guest/notes.ts'
import { parsePolicy } from '../../src/core/policy/policy.ts'

/** Text made of what means something in YAML and in a policy, and of anything else. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'[]{}:,-?&*!|>%@`"\'#~ \t\n\r',
    '\n  ',
    '---\n',
    '...\n',
    '<<',
    '!!binary',
    '%YAML 1.1\n',
  ),
  fc.constantFrom(
    'dhcp:',
    'lease: 1h',
    'only:',
    'exclude:',
    'bridge: vmbr0',
    'routes:',
    'announce: false',
    'announce:',
    'table: 100',
    'networks:',
    'prefixes: [192.0.2.0/24]',
    'gateway:',
    'bgp:',
    'as: 65000',
    'peers:',
    'name: rtr01',
    'address: fe80::1',
    'external',
    '\uFEFF',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const anyText = fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(''))

const KEYS = [
  'bridge',
  'tag',
  'device',
  'prefixes',
  'gateway',
  'ipv4',
  'ipv6',
  'mac',
  'table',
  'networks',
  'notes',
].concat([
  'sysctl',
  'as',
  'routerId',
  'peers',
  'localPort',
  'name',
  'address',
  'interface',
  'multihop',
  'families',
  'pve1',
])
const WORDS = [
  'external',
  'auto',
  'off',
  'vmbr0',
  'fe80::1',
  '192.0.2.0/24',
  '::/0',
  'da:f0:f1:08:55:c4',
  'ipv6',
]

/** What a policy is made of, put together anyhow. */
const { anyValue } = fc.letrec(tie => ({
  anyValue: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<unknown>(...WORDS, 0, 1, 254, 65_000, true, null),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('anyValue'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('anyValue'), { maxKeys: 6 }),
  ),
}))
const anyPolicy = fc.dictionary(fc.constantFrom('dhcp', 'announce', 'bgp'), anyValue, { maxKeys: 3 })

const VMID = parseVmid('100') ?? expect.fail()

describe('whatever the text', () => {
  test('a policy is read without a throw, and every problem stands on a line of it', () => {
    fc.assert(
      fc.property(anyText, text => {
        const result = parsePolicy(text, 'guestnet.yaml')
        const lines = text.split(/\r\n?|\n/).length
        for (const { line, column } of result.ok ? [] : result.problems) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines)
          expect(column).toBeGreaterThanOrEqual(1)
        }
        if (!result.ok) expect(result.problems).not.toHaveLength(0)
      }),
      { numRuns: 3000 },
    )
  })

  test('a policy of known keys and any values is read without a throw, all mistakes in the order of the text', () => {
    fc.assert(
      fc.property(anyPolicy, value => {
        const result = parsePolicy(JSON.stringify(value, undefined, 1), 'guestnet.yaml')
        const places = result.ok
          ? []
          : result.problems.map(({ line = 0, column = 0 }) => line * 1000 + column)
        expect(places).toEqual(places.toSorted((a, b) => a - b))
        expect(result.ok || places.length > 0).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test('Notes are read without a throw, and every problem stands on a line of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyText, fc.constantFrom('```guestnet', '~~~guestnet', '```')), { maxLength: 8 }),
        texts => {
          const lines = ['```guestnet', ...texts].map((text, index) => ({ text, line: 40 + index }))
          const numbers = new Set(lines.map(({ line }) => line))
          for (const { line } of parseNotes(lines, '100.conf', VMID).problems) {
            expect(line === undefined ? false : numbers.has(line)).toBe(true)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('`dhcp: false` at the head of a block holds, whatever keys follow', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,12}$/), fc.jsonValue()), rest => {
        const more = Object.entries(rest).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
        const lines = ['```guestnet', 'dhcp: false', ...more].map((text, index) => ({
          text,
          line: index + 1,
        }))
        expect(parseNotes(lines, '100.conf', VMID).notes.dhcp).toBe(false)
      }),
    )
  })
})
