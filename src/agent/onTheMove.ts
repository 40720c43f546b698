import { linkNameOf } from '../core/guest/links.ts'
import type { Observation } from '../core/observation.ts'
import type { Reading } from '../core/reading.ts'
import { guestsHere } from '../core/ruling/presence.ts'

/** Whether guests with a port here are being migrated; `coming`: one of them at least to this node, or its file has just left. */
export type Movement = 'coming' | 'going' | 'none'

/** A guest on its way here has its configuration elsewhere still, one that is about to go is locked for it. */
export function movementOf({
  reading: { guests, node },
  observation: { links },
}: {
  readonly reading: Pick<Reading, 'guests' | 'node'>
  readonly observation: Pick<Observation, 'links'>
}): Movement {
  const moving = guestsHere(guests, node, links).filter(
    guest => guest.node !== node || guest.lock === 'migrate',
  )
  const withPort = moving.filter(guest => guest.nics.some(({ index }) => links.has(linkNameOf(guest, index))))
  if (withPort.some(guest => guest.node !== node)) return 'coming'
  return withPort.length > 0 ? 'going' : 'none'
}
