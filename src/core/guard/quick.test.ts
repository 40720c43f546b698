import { expect, test } from 'vitest'
import type { Entry } from './entry.ts'
import { quickOf } from './quick.ts'

const entries = (...given: readonly string[]) => new Set(given as readonly Entry[])
const MAC = '52:54:00:00:00:64'
const OWN = [`mac ${MAC}`, 'ipv4 192.0.2.5', 'ipv6 fe80::1', 'ipv6 2001:db8::5', 'extra-ipv4 192.0.2.9']

test('one of each family, which is the port’s own', () => {
  expect(quickOf(entries(...OWN))).toEqual([`${MAC} 192.0.2.5`, `${MAC} 2001:db8::5`])
})

test('what was quick stays so, as long as it is the port’s', () => {
  const before = [`${MAC} 192.0.2.4`] as never
  expect(quickOf(entries(...OWN, 'ipv4 192.0.2.4'), before)[0]).toBe(`${MAC} 192.0.2.4`)
  expect(quickOf(entries(...OWN), before)[0]).toBe(`${MAC} 192.0.2.5`)
})

test('none without a MAC, or without an address', () => {
  expect(quickOf(entries('any-mac', 'ipv4 192.0.2.5'))).toEqual([])
  expect(quickOf(entries(`mac ${MAC}`, 'ipv6 fe80::1'))).toEqual([])
})
