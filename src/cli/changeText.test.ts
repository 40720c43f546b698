import { expect, test } from 'vitest'
import type { Change } from '../core/change.ts'
import { describeChanges } from './changeText.ts'
import { plain } from './paint.ts'

test('changes are grouped by what they are changes of, marked and counted', () => {
  const changes: Change[] = [
    { kind: 'table-create' },
    { kind: 'port-release', link: 'tap100i0' },
    { kind: 'sysctl-set', name: 'net.ipv4.ip_forward', value: '1' },
    { kind: 'bird-configure' },
  ]
  expect(describeChanges(changes, plain).join('\n')).toBe(`DHCP: 2 changes
  + create the nftables table
  − stop serving tap100i0

kernel: 1 change
  ~ set net.ipv4.ip_forward to 1

BGP: 1 change
  ~ configure BIRD anew

4 changes: + 1, ~ 2, − 1`)
})

test('none is told as such', () => expect(describeChanges([], plain)).toEqual(['nothing to do']))
