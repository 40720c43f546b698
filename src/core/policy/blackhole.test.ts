import { describe, expect, test } from 'vitest'
import { Blackhole, blackholeOf, inForceAt } from './blackhole.ts'

const HOLE = { vmid: 100, until: '2026-12-24T18:00:00Z' }
const END = Date.UTC(2026, 11, 24, 18) / 1000

function mistakesIn(hole: unknown): string[] {
  const { error } = Blackhole.safeParse(hole, { reportInput: true })
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

describe('a black hole', () => {
  test('is told by BLACKHOLE (RFC 7999) unless the policy says otherwise', () => {
    expect(Blackhole.parse(HOLE)).toEqual({ vmid: 100, until: END, communities: ['65535:666'] })
    expect(Blackhole.parse({ ...HOLE, communities: ['65000:666'] }).communities).toEqual(['65000:666'])
  })

  test.each(['2026-12-24T18:00Z', '2026-12-24T19:00:00+01:00', '2026-12-24T12:30-05:30'])(
    'may end at %s',
    until => {
      expect(Blackhole.parse({ ...HOLE, until }).until).toBe(END)
    },
  )

  test.each([
    [{ vmid: 100 }, ['until is missing; it must be a time with its zone']],
    [{ ...HOLE, until: '1h' }, ['until must be a time with its zone']],
    [{ ...HOLE, until: '2026-12-24T18:00:00' }, ['until must be a time with its zone']],
    [{ ...HOLE, until: '2026-13-24T18:00:00Z' }, ['until must be a time with its zone']],
    [{ ...HOLE, vmid: 99 }, ['vmid must be the number of a guest']],
    [{ ...HOLE, addresses: ['192.0.2.0/24'] }, ['addresses.0 must be an address, without a mask']],
    [{ ...HOLE, communities: [] }, ['communities must name at least one community']],
  ])('%j is refused', (hole, mistakes) => {
    expect(mistakesIn(hole)).toEqual(mistakes.map(mistake => expect.stringContaining(mistake)))
  })

  test('is in force until its time, whatever the clock said before', () => {
    const holes = [Blackhole.parse(HOLE)]
    expect([END - 1, END, END + 1, END - 1].map(now => inForceAt(now, holes).length)).toEqual([1, 0, 0, 1])
  })

  test('is for all addresses of its guest, or for those it names; the longest counts', () => {
    const [all, one] = [HOLE, { ...HOLE, until: '2026-12-25T00:00Z', addresses: ['192.0.2.1'] }].map(hole =>
      Blackhole.parse(hole),
    )
    const holes = [all, one].flatMap(hole => hole ?? [])
    const of = (vmid: number, address: string) => blackholeOf({ vmid, address: address as never }, holes)
    expect([of(100, '192.0.2.1'), of(100, '192.0.2.2'), of(101, '192.0.2.1')]).toEqual([one, all, undefined])
  })
})
