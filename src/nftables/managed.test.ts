import { expect, test } from 'vitest'
import { borrows } from './managed.ts'

const M = 0x80

/** As the rules do it. */
function withM(checksum: number): number {
  const borrow = borrows().find(({ looked, found }) => (checksum & looked) === found)
  return borrow ? checksum ^ borrow.changed : 0xffff - M
}

/** As RFC 1071 has it: the checksum is the complement of a sum in which a carry goes round. */
function recomputed(checksum: number): number {
  const sum = 0xffff - checksum + M
  return 0xffff - ((sum & 0xffff) + (sum >> 16))
}

/** 0 and 0xffff are the same number in one's complement. */
const canonical = (checksum: number) => checksum % 0xffff

test('whatever the checksum, it is right once M is set', () => {
  for (let checksum = 0; checksum <= 0xffff; checksum++)
    expect([checksum, canonical(withM(checksum))]).toEqual([checksum, canonical(recomputed(checksum))])
})
