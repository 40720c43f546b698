import fc from 'fast-check'
import { expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import { addressPlaceOf, type Claim, claimsOf, macPlaceOf } from './claim.ts'
import { PlaceIndex } from './placeIndex.ts'

const placesOf = (claim: Claim) => [addressPlaceOf(claim), macPlaceOf(claim)]

/** Few enough addresses and hardware addresses that guests often want the same. */
const claim = fc
  .record({
    vmid: fc.integer({ min: 100, max: 104 }),
    ip: fc.constantFrom('203.0.113.1/24', '203.0.113.2/24', '203.0.113.3/24'),
    mac: fc.constantFrom('52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'),
  })
  .map(({ vmid, ip, mac }) => claimsOf(vm(vmid, [{ ip, mac }]))[0] as Claim)

const claims = fc.uniqueArray(claim, { minLength: 6, maxLength: 6, selector: one => one })

/** Lists that are made of some few claims, so that most have some in common with the one before. */
const lists = claims.chain(all => fc.array(fc.shuffledSubarray(all), { maxLength: 8 }))

test('an index that is brought up to date says what a new one does', () => {
  fc.assert(
    fc.property(lists, given => {
      const index = new PlaceIndex(placesOf)
      for (const list of given) {
        index.of(list)
        const anew = new PlaceIndex(placesOf).of(list)
        expect(new Set(index.shared())).toEqual(new Set(anew.shared()))
        for (const place of list.flatMap(placesOf))
          expect(new Set(index.at(place))).toEqual(new Set(list.filter(one => placesOf(one).includes(place))))
      }
    }),
  )
})

test('a claim is shared where another NIC wants the same, and no longer when that one is gone', () => {
  const [one] = claimsOf(vm(100, [{ ip: '203.0.113.1/24' }])) as [Claim]
  const [other] = claimsOf(vm(101, [{ ip: '203.0.113.1/24' }])) as [Claim]
  const index = new PlaceIndex(placesOf)
  expect([...index.of([one]).shared()]).toEqual([])
  expect(index.of([one, other]).shared()).toEqual(new Set([one, other]))
  expect([...index.of([other]).shared()]).toEqual([])
})
