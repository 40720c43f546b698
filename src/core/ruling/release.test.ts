import { expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import type { FoundRecord } from './record.ts'
import { releasesOf } from './release.ts'

const X = { ip: '192.0.2.10/24' }
const OTHER = { ip: '192.0.2.11/24' }
const GUESTS = [vm(100, [OTHER, X]), vm(200, [X])]

function released(vmid: number, records: ReadonlyMap<string, FoundRecord> = new Map()) {
  return releasesOf(vmid, { guests: GUESTS, records, node: 'pve1', now: 7 })
}

test('what another guest wants, too, is let go of by the NIC that claims it, and nothing else is', () => {
  const releases = released(100)
  expect(releases.map(({ place }) => place)).toContain('192.0.2.10 in vmbr0')
  expect(releases.filter(({ place }) => place.includes('192.0.2.11'))).toEqual([])
  for (const { record } of releases) {
    expect(record).toEqual({ vmid: 100, nic: 1, node: 'pve1', since: 7, released: true })
  }
})

test('what is written down for it is let go of, what is written down for another is not', () => {
  const place = '192.0.2.10 in vmbr0'
  const record = { vmid: 200, nic: 0, node: 'pve2', since: 3 }
  expect(released(200, new Map([[place, record]]))).toContainEqual({
    place,
    record: { ...record, released: true },
  })
  expect(released(100, new Map([[place, record]])).map(one => one.place)).not.toContain(place)
})
