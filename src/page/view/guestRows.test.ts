import { describe, expect, test } from 'vitest'
import { offer6, vm } from '../../../test/builders.ts'
import { seenOf, servedRow } from '../../../test/seen.ts'
import { countStates, guestRows, sift } from './guestRows.ts'

const GUESTS = [
  vm(100, [{ ip: '192.0.2.100/24', mac: '52:54:00:ab:cd:ef' }], { name: 'Web' }),
  vm(101, [{ ip: '192.0.2.101/24' }, { ip: 'dhcp', tag: 5 }], { name: 'db' }),
  vm(1002, [{ ip: '198.51.100.7/24', ip6: '2001:db8::7/64' }], { name: 'edge', node: 'pve2' }),
]
const PROBLEM = { code: 'peer-down', message: 'x' } as const
const SEEN = seenOf(GUESTS, {
  nics: [
    servedRow(100),
    servedRow(101),
    servedRow(1002, { state: 'stopped' }),
    servedRow(1002, { state: 'stopped', family: 'ipv6', offer: offer6(1002) }),
  ],
  problems: [PROBLEM, { ...PROBLEM, code: 'mac-duplicate', vmid: 101 }],
})
const ROWS = guestRows(SEEN)
const found = (text: string) => sift(ROWS, { text }).map(({ vmid }) => vmid)

describe('a row', () => {
  test('shows a guest with what is written, offered and leased', () => {
    expect(ROWS[0]).toMatchObject({
      title: 'VM 100',
      name: 'Web',
      state: 'good',
      nics: [
        {
          link: 'tap100i0',
          mac: '52:54:00:ab:cd:ef',
          network: 'vmbr0',
          addresses: ['192.0.2.100/24'],
          leases: [{ address: '192.0.2.100', expires: 3600 }],
        },
      ],
    })
    expect(ROWS[0]).not.toHaveProperty('elsewhere')
  })

  test('has the problems of its guest, and no other’s', () => {
    expect(ROWS.map(({ problems }) => problems.map(({ code }) => code))).toEqual([[], ['mac-duplicate'], []])
  })

  test('says where a guest is that the node still has something of', () => {
    expect(ROWS[2]).toMatchObject({ elsewhere: 'pve2' })
  })

  test('tells what is broken before what only waits', () => {
    const [row] = guestRows(seenOf([GUESTS[1] as never], { nics: [servedRow(101)], servers: [] }))
    expect(row?.end).toMatchObject({ step: 'server', state: 'broken' })
  })
})

describe('a guest is found by', () => {
  test.each([
    ['its number', '1002', [1002]],
    ['a part of its number', '10', [100, 101, 1002]],
    ['its number with its kind', 'vm 101', [101]],
    ['its name, however it is written', 'wEB', [100]],
    ['its address', '192.0.2.101', [101]],
    ['its IPv6 address', '2001:db8::7', [1002]],
    ['its hardware address', '52:54:00:AB:CD:EF', [100]],
    ['its hardware address as Windows writes it', '52-54-00-ab-cd-ef', [100]],
    ['its hardware address as switches write it', '5254.00ab.cdef', [100]],
    ['its port', 'tap101i1', [101]],
    ['its network', 'vmbr0 vlan 5', [101]],
    ['several of them', 'db 192.0.2', [101]],
  ])('%s', (_, text, vmids) => expect(found(text)).toEqual(vmids))

  test('nothing that it does not have', () => expect(found('web 101')).toEqual([]))
  test('nothing at all: every guest is shown', () => expect(found(' ')).toEqual([100, 101, 1002]))
})

test('guests are counted by their state, and sifted by it', () => {
  expect(Object.fromEntries(countStates(ROWS))).toEqual({ good: 2, stopped: 1 })
  expect(sift(ROWS, { text: '', state: 'stopped' }).map(({ vmid }) => vmid)).toEqual([1002])
})
