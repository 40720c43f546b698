import type { Family } from '../values/family.ts'
import type { DhcpChange } from './change.ts'
import type { DhcpObservation, Slot } from './observation.ts'
import type { Placement } from './placement.ts'
import { familyOfServer } from './serverId.ts'
import { buildingOf, isSpare, isTaken, lowestFree } from './slotUse.ts'

export interface Spares {
  /** The slots whose spare Keas stay. */
  readonly kept: readonly number[]
  readonly changes: readonly Extract<DhcpChange, { kind: 'spare-start' }>[]
}

/**
 * One spare Kea for each family that is served, so that an edit need not wait for one to start. `isStarting`: where there is none,
 * one is started. If a server awaits it, at once; else not while another Kea starts or is made ready, since guests wait for that, nor,
 * without a free slot, while a Kea is on its way out, in whose slot the next spare belongs.
 */
export function sparesOf(
  observation: DhcpObservation,
  placements: readonly Placement[],
  isStarting: boolean,
): Spares {
  const { slots, startFailures } = observation
  const inUse = new Set(
    placements.flatMap(({ seat, prepares }) => [seat?.slot ?? [], prepares?.slot ?? []].flat()),
  )
  const families = [...new Set(placements.map(({ server }) => familyOfServer(server)))]
  const spareOf = (family: Family) =>
    slots.find(slot => isSpare(slot) && slot.kea.spareFor === family && !inUse.has(slot.number))
  const prepared = placements.flatMap(({ prepares }) => prepares?.slot ?? [])
  const kept = [...prepared, ...families.flatMap(family => spareOf(family)?.number ?? [])]
  const awaited = new Set(
    placements.flatMap(({ server, seat, awaitsSuccessor, prepares }) =>
      seat && awaitsSuccessor && !prepares ? [familyOfServer(server)] : [],
    ),
  )
  const isBusy = placements.some(
    ({ seat, start, prepares }) => !seat || prepares || (start && start.spare === undefined),
  )
  const rests = (family: Family) => {
    const failure = startFailures?.get(family)?.rests
    return failure === 'all' || (failure === 'spares' && !awaited.has(family))
  }
  const missing = families.filter(
    family =>
      (awaited.has(family) || !isBusy) &&
      !spareOf(family) &&
      !rests(family) &&
      !slots.some(({ starting }) => starting?.family === family),
  )
  if (!isStarting || missing.length === 0) return { kept, changes: [] }
  const isOnItsWayOut = ({ number, kea }: Slot) => kea && !inUse.has(number) && !kept.includes(number)
  const mayWait = (family: Family) => !awaited.has(family) && slots.some(isOnItsWayOut)
  const inOrder = missing.toSorted((a, b) => Number(mayWait(a)) - Number(mayWait(b)))
  return { kept, changes: placesFor(inOrder, observation, { inUse, mayWait }) }
}

/** Slots that are whole come first; another one is made only where nothing will be free by itself. */
function placesFor(
  families: readonly Family[],
  { slots, ports }: DhcpObservation,
  { inUse, mayWait }: { readonly inUse: ReadonlySet<number>; readonly mayWait: (family: Family) => boolean },
): Spares['changes'] {
  const destinations = new Set(ports.switches.values())
  const free = slots.filter(
    slot =>
      slot.network === 'ready' && !isTaken(slot) && !destinations.has(slot.link) && !inUse.has(slot.number),
  )
  const unfit = slots.filter(slot => isTaken(slot) || free.includes(slot)).map(slot => slot.number)
  const taken = new Set([...inUse, ...unfit])
  return families.flatMap(family => {
    const ready = free.shift()
    if (ready) return [{ kind: 'spare-start', slot: ready.number, family } as const]
    if (mayWait(family)) return []
    const slot = lowestFree(taken)
    taken.add(slot)
    const network = slots.find(({ number }) => number === slot)?.network
    return [{ kind: 'spare-start', slot, ...buildingOf(network), family } as const]
  })
}
