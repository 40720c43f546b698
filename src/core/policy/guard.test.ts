import { describe, expect, test } from 'vitest'
import { isGuardedNetwork } from './guard.ts'
import { DEFAULT_POLICY, parsePolicy } from './policy.ts'

function guardOf(...lines: string[]) {
  const parsed = parsePolicy(['guard:', ...lines.map(line => `  ${line}`)].join('\n'), 'policy')
  return parsed.ok ? parsed.policy.guard : parsed.problems.map(({ message }) => message)
}

test('without the key nothing is guarded', () => expect(DEFAULT_POLICY.guard.mode).toBe('off'))

test.each(['off', 'report', 'on'])('the mode %s is what it says', mode => {
  expect(guardOf(`mode: ${mode}`)).toMatchObject({ mode })
})

test('what a guest may use besides is known by its number', () => {
  const guard = guardOf(
    'mode: on',
    'extra:',
    '  101: {addresses: [203.0.113.50, "2001:db8:a::/64"], macs: ["00:00:5E:00:01:05"]}',
    '  102: {router: true}',
  )
  expect(guard).toMatchObject({
    extra: new Map([
      [101, { addresses: ['203.0.113.50', '2001:db8:a::/64'], macs: ['00:00:5e:00:01:05'], router: false }],
      [102, { addresses: [], macs: [], router: true }],
    ]),
  })
})

describe('a mistake is told:', () => {
  test.each([
    [['mode: yes'], '`guard.mode` must be `off`, `report` or `on`, not `yes`.'],
    [['modus: on'], '`guard.modus` is not a known key.'],
    [['extra: {20: {router: true}}'], '`guard.extra.20` is no VMID, 100 to 999999999.'],
    [['extra: {101: {addresses: [192.0.2.5/24]}}'], '`guard.extra.101.addresses[0]` must be an address'],
    [['extra: {101: {addresses: ["::/0"]}}'], '`guard.extra.101.addresses[0]` must be an address'],
    [['extra: {101: {macs: ["01:00:5e:00:00:01"]}}'], '`guard.extra.101.macs[0]` must be a unicast MAC'],
    [['only: []', 'exclude: []'], '`guard.only` cannot be used together with `exclude`.'],
  ])('%s', (lines, expected) => {
    expect(guardOf(...lines)).toEqual([expect.stringContaining(expected)])
  })
})

describe('whether a network is guarded', () => {
  const of = (...lines: string[]) => {
    const guard = guardOf('mode: on', ...lines)
    if (Array.isArray(guard)) throw new Error(guard.join('\n'))
    return isGuardedNetwork(guard, { bridge: 'vmbr0', tag: 5 })
  }

  test.each([
    ['if nothing is said, it is', [], true],
    ['not if it is excluded', ['exclude: [{bridge: vmbr0}]'], false],
    ['if another VLAN is excluded', ['exclude: [{bridge: vmbr0, tag: 6}]'], true],
    ['if it is named', ['only: [{bridge: vmbr0, tag: 5}]'], true],
    ['not if only others are', ['only: [{bridge: vmbr1}]'], false],
  ])('%s', (_, lines, expected) => expect(of(...lines)).toBe(expected))
})
