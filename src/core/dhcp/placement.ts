import type { DhcpObservation, PortTable, Slot } from './observation.ts'
import { familyOfServer, type ServerId } from './serverId.ts'
import { isSpare, isTaken, isWell, lowestFree } from './slotUse.ts'
import type { DhcpTarget } from './target.ts'

/** How a slot's link is called, whether it exists yet or not. */
export type SlotLinkOf = (slot: number) => string

/** The slot in which a server's Kea runs, or is to be started. */
export interface Placement {
  readonly server: ServerId
  readonly slot: number
  readonly link: string
  /** Undefined: a Kea of this server runs there. */
  readonly start: { readonly network: Slot['network']; readonly spare?: number } | undefined
  /** What that Kea serves is no longer what it should; it goes on until another one is ready to. */
  readonly awaitsSuccessor?: true
  /** The spare Kea that is told to get ready. */
  readonly prepares?: { readonly slot: number; readonly spare: number }
}

/**
 * Where each server's Kea is, or is to be. One that is to serve something else goes on until a spare one has been told to, and
 * where there is no spare, until one is up: on a busy node a Kea takes a second to start and half a second to read its configuration,
 * and whoever waited for it would do nothing else meanwhile. Only where nobody serves a Kea is waited for.
 */
export function placeServers(
  target: DhcpTarget,
  observation: DhcpObservation,
  slotLinkOf: SlotLinkOf,
): Placement[] {
  const { slots, ports } = observation
  const taken = new Set(slots.filter(isTaken).map(slot => slot.number))
  const spares = slots.filter(isSpare)
  return [...target.servers.keys()].map(server => {
    const able = slotsServing(server, slots)
    const current = chosenAmong(
      able.filter(({ kea }) => kea?.config === target.configs.get(server)),
      server,
      ports,
    )
    if (current) return { server, slot: current.number, link: current.link, start: undefined }
    const spare = take(spares, ({ kea }) => kea.spareFor === familyOfServer(server))
    const former = formerAmong(able, server, ports)
    if (former && mayWait(server, target, observation)) {
      const prepares = spare && { prepares: { slot: spare.number, spare: spare.kea.pid } }
      return {
        server,
        slot: former.number,
        link: former.link,
        start: undefined,
        awaitsSuccessor: true,
        ...prepares,
      }
    }
    if (spare) {
      const { number, link, kea } = spare
      return { server, slot: number, link, start: { network: 'ready', spare: kea.pid } }
    }
    const slot = lowestFree(taken)
    taken.add(slot)
    const network = slots.find(({ number }) => number === slot)?.network ?? 'absent'
    return { server, slot, link: slotLinkOf(slot), start: { network } }
  })
}

/** Whether something that should be served is not yet, because the Kea that is to serve it is not ready. */
export function awaitsSuccessor(target: DhcpTarget, observation: DhcpObservation): boolean {
  return (
    mayChange(target, observation) &&
    placeServers(target, observation, String).some(placement => placement.awaitsSuccessor)
  )
}

/** What another version of guestnet serves cannot be kept by a Kea of this one while it is not known to be the same. */
export function mayChange({ complete }: DhcpTarget, { slots }: DhcpObservation): boolean {
  return complete || !slots.some(({ kea }) => kea && !kea.serves && !kea.spareFor)
}

function mayWait(server: ServerId, { startsSpares }: DhcpTarget, { spareFailed }: DhcpObservation): boolean {
  return startsSpares === true && !spareFailed?.has(familyOfServer(server))
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
  return current && (able.find(slot => slot.isReady && slot !== current) ?? current)
}

/** Takes the first that is wanted out of a list. */
function take<T>(list: T[], isWanted: (item: T) => boolean): T | undefined {
  const index = list.findIndex(isWanted)
  return index < 0 ? undefined : list.splice(index, 1)[0]
}
