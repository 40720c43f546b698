import { describe, expect, test } from 'vitest'
import { protocolNames } from './names.ts'

const namesOf = (...peers: string[]) => [...protocolNames(peers).values()]

describe('a protocol is named after its peer', () => {
  test.each([
    ['rtr01', 'peer_rtr01'],
    // Keywords of BIRD's.
    ['s', 'peer_s'],
    ['table', 'peer_table'],
    ['rtr-01.example', 'peer_rtr_01_example'],
    ['été', 'peer__t_'],
  ])('%s is %s', (peer, name) => expect(namesOf(peer)).toEqual([name]))
})

test('peers that differ in nothing BIRD could write get different names, in whatever order they come', () => {
  const names = namesOf('rtr-1', 'rtr_1', 'other')
  expect(new Set(names).size).toBe(3)
  expect(names[2]).toBe('peer_other')
  expect(namesOf('other', 'rtr_1', 'rtr-1')).toEqual(names.toReversed())
})

test('a long name fits, and stays apart from one that begins alike', () => {
  const names = namesOf(`${'x'.repeat(70)}1`, `${'x'.repeat(70)}2`)
  expect(new Set(names).size).toBe(2)
  expect(names.every(name => /^[a-z_0-9]{1,63}$/.test(name))).toBe(true)
})
