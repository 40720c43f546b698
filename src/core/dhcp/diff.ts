import { memoOf } from '../values/memo.ts'
import type { DhcpChange } from './change.ts'
import type { DhcpObservation, PortChain, PortTable } from './observation.ts'
import { mayChange, type Placement, placeServers, type SlotLinkOf } from './placement.ts'
import type { ServerId } from './serverId.ts'
import { elementsOfPort, type Port, ruleLabel, serverOf } from './service.ts'
import { isEnding, isTaken, isWell } from './slotUse.ts'
import { type Spares, sparesOf } from './spares.ts'
import type { DhcpTarget } from './target.ts'

/**
 * The steps from what is to what should be, in an order in which each finds what it needs. Nothing that serves is
 * touched: a server whose configuration changes gets another Kea, requests are switched over to it in one nftables
 * transaction, and only then the old one ends.
 */
export function diffDhcp(
  target: DhcpTarget,
  observation: DhcpObservation,
  slotLinkOf: SlotLinkOf,
): DhcpChange[] {
  const { ports, slots } = observation
  if (!mayChange(target, observation)) return []
  const placements = placeServers(target, observation, slotLinkOf)
  const spares = sparesOf(observation, placements, target.inBackground === true)
  const unserved = new Set(placements.flatMap(({ server, seat }) => (seat ? [] : [server])))
  return [
    ...(ports.exists ? [] : [{ kind: 'table-create' } as const]),
    ...slots.flatMap(({ number, network, kea }) =>
      network === 'unnamed' && isWell(kea)
        ? [{ kind: 'slot-name', slot: number, pid: kea.pid } as const]
        : [],
    ),
    ...placements.flatMap(placement => startsOf(placement, target)),
    ...placements.flatMap(placement => switchesOf(placement, ports)),
    ...diffPorts(servedPorts(target.ports, unserved, ports), ports),
    ...[...ports.switches.keys()]
      .filter(server => !target.servers.has(server))
      .map(server => ({ kind: 'switch-remove', server }) as const),
    ...retirementsOf(observation, placements, spares.kept),
    ...(target.inBackground ? waysTo(spares, observation) : []),
    ...spares.changes,
    ...(target.complete ? removalsOf(observation, slotsOf(placements, spares)) : []),
  ]
}

function startsOf({ server, seat, start, prepares }: Placement, target: DhcpTarget): DhcpChange[] {
  const config = target.configs.get(server) ?? ''
  const offers = target.servers.get(server) ?? []
  if (prepares) return [{ kind: 'server-prepare', server, ...prepares, config, offers }]
  if (!start || !seat) return []
  const { slot } = seat
  const repair = start.network === 'broken'
  const { spare } = start
  return [
    ...(start.network === 'ready' ? [] : [{ kind: 'slot-create', slot, repair } as const]),
    { kind: 'server-start', server, slot, config, offers, ...(spare !== undefined && { spare }) },
  ]
}

function switchesOf({ server, seat, start }: Placement, ports: PortTable): DhcpChange[] {
  if (!seat) return []
  const { slot, link } = seat
  const isNewLink = start !== undefined && start.network !== 'ready'
  return [
    ...(isNewLink || !ports.open.has(link) ? [{ kind: 'slot-open', slot, link } as const] : []),
    ...(isNewLink || ports.switches.get(server) !== link
      ? [{ kind: 'server-switch', server, slot, link } as const]
      : []),
  ]
}

/** The way to a spare Kea is opened beforehand, so that nothing but the switch is left for an edit. */
function waysTo({ kept, changes }: Spares, { slots, ports }: DhcpObservation): DhcpChange[] {
  const spares = new Set([...kept, ...changes.map(({ slot }) => slot)])
  return slots.flatMap(({ number, link, network }) =>
    spares.has(number) && network === 'ready' && !ports.open.has(link)
      ? [{ kind: 'slot-open', slot: number, link } as const]
      : [],
  )
}

/** A port is taken from by a server that there is: until one is up, what its guest asks passes as if guestnet were not there. */
function servedPorts(
  ports: readonly Port[],
  unserved: ReadonlySet<ServerId>,
  { switches }: PortTable,
): readonly Port[] {
  const without = new Set([...unserved].filter(server => !switches.has(server)))
  if (without.size === 0) return ports
  return ports.flatMap(port => {
    const services = port.services.filter(service => {
      const server = serverOf(service)
      return server === undefined || !without.has(server)
    })
    if (services.length === port.services.length) return [port]
    return services.length === 0 ? [] : [{ ...port, services }]
  })
}

/** Where nobody serves, what is there of the Kea that requests still go to stays until another is up. */
function retirementsOf(
  { slots, ports }: DhcpObservation,
  placements: readonly Placement[],
  spares: readonly number[],
): DhcpChange[] {
  const chosen = new Map(placements.map(({ server, seat }) => [server, seat?.slot]))
  const inUse = new Set([...chosen.values(), ...spares])
  const last = new Set(placements.flatMap(({ server, seat }) => (seat ? [] : [ports.switches.get(server)])))
  return slots.flatMap(({ number, link, kea }) => {
    if (!kea || isEnding(kea) || inUse.has(number) || last.has(link)) return []
    const successor = kea.serves && chosen.get(kea.serves.server)
    return [
      {
        kind: 'server-retire',
        slot: number,
        ...(kea.state !== 'dead' && { pid: kea.pid }),
        ...(successor === undefined ? {} : { successor }),
      } as const,
    ]
  })
}

function slotsOf(placements: readonly Placement[], { changes }: Spares): Set<number> {
  const placed = placements.flatMap(({ seat, prepares }) => [seat?.slot, prepares?.slot])
  return new Set([...placed, ...changes.map(({ slot }) => slot)].flatMap(slot => slot ?? []))
}

/** Slots that stay though no Kea is in them: an edit goes to one that is there, and the Kea before may still be ending. */
const SPARE_SLOTS = 2

/** Slots that were needed once. One is free only when its Kea is gone, and is no longer where requests go. */
function removalsOf({ slots, ports }: DhcpObservation, inUse: ReadonlySet<number>): DhcpChange[] {
  const destinations = new Set(ports.switches.values())
  const unused = slots.filter(
    slot =>
      slot.network === 'ready' && !isTaken(slot) && !inUse.has(slot.number) && !destinations.has(slot.link),
  )
  return unused
    .toSorted((a, b) => a.number - b.number)
    .slice(SPARE_SLOTS)
    .map(({ number }) => ({ kind: 'slot-remove', slot: number }))
}

function diffPorts(target: readonly Port[], table: PortTable): DhcpChange[] {
  const unlike = target.filter(port => !isAsWanted(port, table))
  return [
    ...surplusOf(target, table),
    ...unlike.map(port => ({
      kind: 'port-serve' as const,
      port,
      stale: {
        chain: table.chains.has(port.link),
        elements: elementsOfPort(port).flatMap(([key]) => (table.elements.has(key) ? [key] : [])),
      },
    })),
  ]
}

/** What is in the table and belongs to no port. */
function surplusOf(target: readonly Port[], table: PortTable): DhcpChange[] {
  const links = new Set(target.map(port => port.link))
  const elements = elementsAmong(target)
  return [
    ...[...table.chains.keys()]
      .filter(link => !links.has(link))
      .map(link => ({ kind: 'port-release', link }) as const),
    ...[...table.elements.keys()]
      .filter(element => !elements.has(element))
      .map(element => ({ kind: 'element-remove', element }) as const),
  ]
}

const elementsAmong = memoOf(
  (ports: readonly Port[]): ReadonlySet<string> => new Set(ports.flatMap(elementsOfPort).map(([key]) => key)),
)

/**
 * An element keeps the ifindex its link had; nftables shows it by name only while that very link exists. So a link that
 * was made anew under its old name shows as a number here, and its port is made anew with it.
 */
function isAsWanted(port: Port, table: PortTable): boolean {
  return (
    hasRules(port, table.chains.get(port.link)) &&
    hasRouter(port) === table.routers.has(port.link) &&
    elementsOfPort(port).every(([key, to]) => table.elements.get(key) === to)
  )
}

const hasRouter = memoOf(({ services }: Port): boolean => services.some(({ kind }) => kind === 'router'))

/** The rules that a port was last found to have, and whether they are its own. */
const RULES = new WeakMap<Port, { readonly rules: PortChain | undefined; readonly areOwn: boolean }>()

function hasRules(port: Port, rules: PortChain | undefined): boolean {
  const known = RULES.get(port)
  if (known && known.rules === rules) return known.areOwn
  const areOwn =
    rules?.length === port.services.length &&
    port.services.every((service, index) => rules[index]?.label === ruleLabel(service))
  RULES.set(port, { rules, areOwn })
  return areOwn
}
