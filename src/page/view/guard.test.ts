import { expect, test } from 'vitest'
import type { GuardedPortReport } from '../../core/report/guarding.ts'
import { guardRows } from './guard.ts'

const port = (vmid: number, packets: number): GuardedPortReport => ({
  type: 'qemu',
  vmid,
  nic: 0,
  link: `tap${vmid}i0`,
  ipv4: 'own',
  ipv6: 'own',
  state: 'guarded',
  drops: packets === 0 ? [] : [{ reason: 'ipv4', packets, sample: '192.0.2.66' }],
})

test('ports that sent what is not their own are told with what and how often, the busiest first', () => {
  const rows = guardRows({ mode: 'on', ports: [port(100, 0), port(101, 2), port(102, 7)] })
  expect(rows.map(({ title, packets }) => [title, packets])).toEqual([
    ['VM 102 net0', 7],
    ['VM 101 net0', 2],
  ])
  expect(rows[0]?.drops).toEqual(['7 × IPv4 from 192.0.2.66'])
})

test('of a thousand such ports the busiest twenty are told', () => {
  const ports = Array.from({ length: 1000 }, (_, index) => port(100 + index, index + 1))
  const rows = guardRows({ mode: 'report', ports })
  expect([rows.length, rows[0]?.vmid]).toEqual([20, 1099])
})
