import type { Building, DhcpObservation, PortTable, Slot } from './observation.ts'
import { familyOfServer, type ServerId } from './serverId.ts'
import { buildingOf, isSpare, isTaken, isWell, lowestFree } from './slotUse.ts'
import type { DhcpTarget } from './target.ts'

/** How a slot's link is called, whether it exists yet or not. */
export type SlotLinkOf = (slot: number) => string

/** Where a server's Kea is, or is to be. */
export interface Placement {
  readonly server: ServerId
  /** Absent: nobody serves, until a Kea has come up in the background. */
  readonly seat?: Seat
  /** The Kea there is started, or told to serve, by this run, which waits for it. Absent: it runs. */
  readonly start?: { readonly network: Slot['network']; readonly spare?: number }
  /** What is served, if anything is, is not what should be; that goes on until another Kea is ready to. */
  readonly awaitsSuccessor?: true
  /** The Kea that is made ready in the background: a spare one that is told, or one that is started. */
  readonly prepares?: { readonly slot: number; readonly builds?: Building; readonly spare?: number }
}

export interface Seat {
  readonly slot: number
  readonly link: string
}

/**
 * Where each server's Kea is, or is to be. An agent waits for none: on a busy node a Kea takes seconds to start and half a second to
 * read its configuration, and whoever waited for it would do nothing else meanwhile, not even announce. One that is to serve
 * something else goes on until a spare one has been told to, and where there is no spare, until one is up; where nobody serves,
 * nobody does until a Kea is up.
 */
export function placeServers(
  target: DhcpTarget,
  observation: DhcpObservation,
  slotLinkOf: SlotLinkOf,
): Placement[] {
  const { slots, ports } = observation
  const taken = new Set(slots.filter(isTaken).map(slot => slot.number))
  const spares = slots.filter(isSpare)
  const spareFor = (server: ServerId) => take(spares, ({ kea }) => kea.spareFor === familyOfServer(server))
  const freeSlot = () => {
    const slot = lowestFree(taken)
    taken.add(slot)
    return { slot, network: slots.find(({ number }) => number === slot)?.network ?? 'absent' }
  }
  const atOnce = (server: ServerId): Placement => {
    const spare = spareFor(server)
    if (spare) return { server, seat: seatOf(spare), start: { network: 'ready', spare: spare.kea.pid } }
    const { slot, network } = freeSlot()
    return { server, seat: { slot, link: slotLinkOf(slot) }, start: { network } }
  }
  const later = (server: ServerId, able: readonly Slot[]): Placement => {
    const former = formerAmong(able, server, ports)
    const awaits = { server, ...(former && { seat: seatOf(former) }), awaitsSuccessor: true } as const
    if (rests(server, observation) || (!former && isUnderWay(server, slots))) return awaits
    const spare = spareFor(server)
    if (spare) return { ...awaits, prepares: { slot: spare.number, spare: spare.kea.pid } }
    // Where somebody serves, a spare one is started: all that is edited until it is up it is told at once.
    if (former) return awaits
    const { slot, network } = freeSlot()
    return { ...awaits, prepares: { slot, ...buildingOf(network) } }
  }
  return [...target.servers.keys()].map((server): Placement => {
    const able = slotsServing(server, slots)
    const current = chosenAmong(
      able.filter(({ kea }) => kea?.config === target.configs.get(server)),
      server,
      ports,
    )
    if (current) return { server, seat: seatOf(current) }
    return target.inBackground ? later(server, able) : atOnce(server)
  })
}

/** Whether something that should be served is not yet, because the Kea that is to serve it is not ready, and may be soon. */
export function awaitsSuccessor(target: DhcpTarget, observation: DhcpObservation): boolean {
  return awaiting(target, observation).some(server => !rests(server, observation))
}

/** The servers of which something is not served that should be, as no Kea is ready to. */
export function awaiting(target: DhcpTarget, observation: DhcpObservation): ServerId[] {
  if (!mayChange(target, observation)) return []
  return placeServers(target, observation, String).flatMap(placement =>
    placement.awaitsSuccessor ? [placement.server] : [],
  )
}

/** What another version of guestnet serves cannot be kept by a Kea of this one while it is not known to be the same. */
export function mayChange({ complete }: DhcpTarget, { slots }: DhcpObservation): boolean {
  return complete || !slots.some(({ kea }) => kea && !kea.serves && !kea.spareFor)
}

/** Whether a Kea of the family did not come up a moment ago, so that it is not tried again yet. */
function rests(server: ServerId, { startFailures }: DhcpObservation): boolean {
  return startFailures?.get(familyOfServer(server))?.rests === 'all'
}

/** Whether a Kea is on its way that can serve: its own, or one that is to stand by. */
function isUnderWay(server: ServerId, slots: readonly Slot[]): boolean {
  return slots.some(
    ({ starting }) =>
      starting?.server === server || (starting?.family === familyOfServer(server) && !starting.server),
  )
}

function seatOf({ number, link }: Slot): Seat {
  return { slot: number, link }
}

/** The slots whose Kea serves this server's guests, be it by another configuration. */
function slotsServing(server: ServerId, slots: readonly Slot[]): Slot[] {
  return slots.filter(
    ({ network, kea }) =>
      (network === 'ready' || network === 'unnamed') && isWell(kea) && kea.serves?.server === server,
  )
}

/** Where there are two, the one that requests already go to. */
function chosenAmong(able: readonly Slot[], server: ServerId, { switches }: PortTable): Slot | undefined {
  return able.find(slot => slot.link === switches.get(server)) ?? able[0]
}

/**
 * The one that goes on. One that was made ready meanwhile comes first, even where what it serves is not the newest any more: so a
 * stream of edits is followed by one Kea after the other, and not by none.
 */
function formerAmong(able: readonly Slot[], server: ServerId, { switches }: PortTable): Slot | undefined {
  const current = able.find(({ link }) => link === switches.get(server))
  return able.find(slot => slot.isReady && slot !== current) ?? current
}

/** Takes the first that is wanted out of a list. */
function take<T>(list: T[], isWanted: (item: T) => boolean): T | undefined {
  const index = list.findIndex(isWanted)
  return index < 0 ? undefined : list.splice(index, 1)[0]
}
