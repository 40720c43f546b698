import { expect, test } from 'vitest'
import { type GivenNic, vm } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import { isContested } from './contest.ts'

const X = { ip: '192.0.2.5/24' }
const elsewhere = (nic: GivenNic, given: Partial<Pick<Guest, 'template'>> = {}) =>
  vm(200, [nic], { node: 'pve2', ...given })

test.each<[string, Guest[], boolean]>([
  ['that a guest elsewhere has, too', [vm(100, [X]), elsewhere(X)], true],
  [
    'that a guest elsewhere has with another mask and network',
    [vm(100, [X]), elsewhere({ ip: '192.0.2.5/32', tag: 5 })],
    true,
  ],
  ['that only guests of this node have: no', [vm(100, [X]), vm(200, [X])], false],
  ['that a template elsewhere has: no', [vm(100, [X]), elsewhere(X, { template: true })], false],
  ['that nobody else has: no', [vm(100, [X]), elsewhere({ ip: '192.0.2.6/24' })], false],
  ['by DHCP: no', [vm(100, [{ ip: 'dhcp' }]), elsewhere({ ip: 'dhcp' })], false],
])('an address is contested %s', (_, guests, expected) => expect(isContested(guests, 'pve1')).toBe(expected))
