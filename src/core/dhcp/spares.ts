import type { Family } from '../values/family.ts'
import type { DhcpChange } from './change.ts'
import type { DhcpObservation, Slot } from './observation.ts'
import { familyOfServer, type ServerId } from './serverId.ts'
import { isSpare, isTaken, lowestFree } from './slotUse.ts'

/** Where a server's Kea is, or is to be. */
interface Placed {
  readonly server: ServerId
  readonly slot: number
  /** Absent: it runs there. */
  readonly start: object | undefined
}

export interface Spares {
  /** The slots whose spare Keas stay. */
  readonly kept: readonly number[]
  readonly changes: readonly Extract<DhcpChange, { kind: 'slot-create' | 'spare-start' }>[]
}

/**
 * One spare Kea for each family that is served, so that an edit need not wait for one to start. `isStarting`: where there is none,
 * one is started; but not in a run that starts a server, since guests wait for that, nor while a Kea is on its way out, in whose slot
 * the next spare belongs.
 */
export function sparesOf(
  observation: DhcpObservation,
  placements: readonly Placed[],
  isStarting: boolean,
): Spares {
  const { slots, spareFailed } = observation
  const inUse = new Set(placements.map(({ slot }) => slot))
  const families = [...new Set(placements.map(({ server }) => familyOfServer(server)))]
  const spareOf = (family: Family) =>
    slots.find(slot => isSpare(slot) && slot.kea.spareFor === family && !inUse.has(slot.number))
  const kept = families.flatMap(family => spareOf(family)?.number ?? [])
  if (!isStarting || placements.some(({ start }) => start)) return { kept, changes: [] }
  const missing = families.filter(
    family =>
      !spareOf(family) && !spareFailed?.has(family) && !slots.some(({ starting }) => starting === family),
  )
  const isOnItsWayOut = ({ number, kea }: Slot) => kea && !inUse.has(number) && !kept.includes(number)
  const places = placesFor(missing, observation, slots.some(isOnItsWayOut))
  return { kept, changes: places }
}

/** Slots that are whole come first; another one is made only where nothing will be free by itself. */
function placesFor(
  families: readonly Family[],
  { slots, ports }: DhcpObservation,
  isOneGettingFree: boolean,
): Spares['changes'] {
  const destinations = new Set(ports.switches.values())
  const free = slots.filter(
    slot => slot.network === 'ready' && !isTaken(slot) && !destinations.has(slot.link),
  )
  const taken = new Set(slots.filter(slot => isTaken(slot) || free.includes(slot)).map(slot => slot.number))
  return families.flatMap(family => {
    const ready = free.shift()
    if (ready) return [{ kind: 'spare-start', slot: ready.number, family } as const]
    if (isOneGettingFree) return []
    const slot = lowestFree(taken)
    taken.add(slot)
    const repair = slots.some(({ number, network }) => number === slot && network === 'broken')
    return [{ kind: 'slot-create', slot, repair } as const, { kind: 'spare-start', slot, family } as const]
  })
}
