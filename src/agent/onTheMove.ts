import { linkNameOf } from '../core/guest/links.ts'
import type { Observation } from '../core/observation.ts'
import type { Reading } from '../core/reading.ts'

/** Whether a guest with a port here is being migrated: its configuration is elsewhere, or about to be. */
export function isOnTheMove({
  reading,
  observation,
}: {
  readonly reading: Reading
  readonly observation: Observation
}): boolean {
  const { guests, node } = reading
  return guests.some(
    guest =>
      (guest.node !== node || guest.lock === 'migrate') &&
      guest.nics.some(({ index }) => observation.links.has(linkNameOf(guest, index))),
  )
}
