import type { Guest } from '../guest/guest.ts'
import { claimsOf } from './claim.ts'
import type { HolderRecord, HolderRecords } from './record.ts'
import { placesOfClaim } from './ruling.ts'

/** A record by which a guest lets go of a place. */
export interface Release {
  readonly place: string
  readonly record: HolderRecord
}

export interface ReleaseInput {
  readonly guests: readonly Guest[]
  readonly records: HolderRecords
  /** The node that writes. */
  readonly node: string
  /** Unix seconds. */
  readonly now: number
}

/** What a guest lets go of: what is written down for it, and what it would keep unwritten though others want it. */
export function releasesOf(vmid: number, { guests, records, node, now }: ReleaseInput): Release[] {
  const wanted = new Set(
    guests
      .filter(other => other.vmid !== vmid)
      .flatMap(other => claimsOf(other).flatMap(claim => placesOfClaim(claim))),
  )
  const written = [...records].flatMap(([place, record]) =>
    typeof record === 'object' && record.vmid === vmid ? [{ place, record }] : [],
  )
  const unwritten = guests
    .filter(guest => guest.vmid === vmid)
    .flatMap(claimsOf)
    .flatMap(claim => placesOfClaim(claim).map(place => ({ place, nic: claim.nic })))
    .filter(({ place }) => wanted.has(place) && !records.has(place))
    .map(({ place, nic }) => ({ place, record: { vmid, nic, node, since: now } }))
  return [...written, ...unwritten].map(({ place, record }) => ({
    place,
    record: { ...record, released: true },
  }))
}
