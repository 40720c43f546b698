import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import { GuestNotes, type LocatedNotes } from '../guest/notes.ts'
import type { Prefix } from '../values/address.ts'
import type { WeighedWish } from './routedWish.ts'
import { WishRegister } from './wishRegister.ts'

/** Few enough networks and addresses that guests often want what others want or have. */
const ROUTES = ['203.0.113.0/24', '203.0.113.0/30', '203.0.113.4/30', '203.0.113.5/32', '2001:db8:a:1::/64']
const ADDRESSES = ['203.0.113.1/24', '203.0.113.5/24', '203.0.113.9/24', '203.0.113.200/24']

const mayLeave = (prefix: Prefix) => prefix !== '203.0.113.4/30'

/** What a guest's file says: which routes, and which address. */
const files = fc.record({
  routes: fc.uniqueArray(fc.constantFrom(...ROUTES), { maxLength: 3 }),
  ip: fc.constantFrom(...ADDRESSES),
})

/** A moment of a cluster: who has another file than before, and who is gone. */
const moments = fc.array(
  fc.record({
    written: fc.dictionary(fc.constantFrom('100', '101', '102', '103', '104', '105'), files),
    gone: fc.subarray([100, 101, 102, 103, 104, 105]),
  }),
  { maxLength: 8 },
)

/** Without which of several guests stands against it. */
const verdict = ({ prefix, objection, isContested }: WeighedWish) => ({
  prefix,
  objection: objection?.replace(/guest \d+/, 'a guest'),
  isContested,
})

interface Known {
  readonly guest: Guest
  readonly notes: LocatedNotes
}

test('a register that is brought up to date says what a new one does', () => {
  fc.assert(
    fc.property(moments, happening => {
      const register = new WishRegister(true, mayLeave)
      const cluster = new Map<number, Known>()
      for (const { written, gone } of happening) {
        for (const vmid of gone) cluster.delete(vmid)
        for (const [vmid, { routes, ip }] of Object.entries(written)) {
          const notes = { ...GuestNotes.parse({ routes }), lines: {} }
          cluster.set(Number(vmid), { guest: vm(Number(vmid), [{ ip }]), notes })
        }
        const guests = [...cluster.values()].map(({ guest }) => guest)
        const known = new Map(cluster)
        const notesOf = (vmid: number) => known.get(vmid)?.notes ?? { ...GuestNotes.parse({}), lines: {} }
        register.among(guests, notesOf)
        const anew = new WishRegister(true, mayLeave).among(guests, notesOf)
        for (const guest of guests)
          expect(register.weigh(guest).map(verdict)).toEqual(anew.weigh(guest).map(verdict))
      }
    }),
  )
})

test('what a guest wants is the same list while others change that it has nothing to do with', () => {
  const register = new WishRegister(true, mayLeave)
  const notes = { ...GuestNotes.parse({ routes: ['203.0.113.0/30'] }), lines: {} }
  const none = { ...GuestNotes.parse({}), lines: {} }
  const notesOf = (vmid: number) => (vmid === 100 ? notes : none)
  const guest = vm(100, [{ ip: '203.0.113.100/24' }])
  const others = [102, 103, 104, 105].map(vmid => vm(vmid, [{ ip: `203.0.113.${vmid}/24` }]))
  const withAnother = (ip: string) => [guest, vm(101, [{ ip }]), ...others]
  const before = register.among(withAnother('203.0.113.101/24'), notesOf).weigh(guest)
  expect(register.among(withAnother('203.0.113.110/24'), notesOf).weigh(guest)).toBe(before)
  expect(register.among(withAnother('203.0.113.2/24'), notesOf).weigh(guest)).toMatchObject([
    { objection: 'it holds an address of guest 101' },
  ])
})
