import type { DhcpChange, StalePort } from '../../src/core/dhcp/change.ts'
import { diffDhcp } from '../../src/core/dhcp/diff.ts'
import type { DhcpIntent } from '../../src/core/dhcp/intent.ts'
import type {
  Building,
  Kea,
  KeaProcess,
  PortChain,
  PortTable,
  Slot,
} from '../../src/core/dhcp/observation.ts'
import { awaitsSuccessor } from '../../src/core/dhcp/placement.ts'
import { familyOfServer, type ServerId } from '../../src/core/dhcp/serverId.ts'
import { elementsOf, type Port, ruleLabel, serverOf } from '../../src/core/dhcp/service.ts'
import type { DhcpTarget } from '../../src/core/dhcp/target.ts'
import type { Guest } from '../../src/core/guest/guest.ts'
import { intend } from '../../src/core/intent.ts'
import type { Links } from '../../src/core/node/link.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Reading } from '../../src/core/reading.ts'
import type { Ruling } from '../../src/core/ruling/verdict.ts'
import { assertNever } from '../../src/core/values/brand.ts'
import { readingOf, slotLink } from '../builders.ts'
import { onceSettled } from '../holders.ts'

/** What each change does to a node whose programs all work. What nft or ip would refuse throws. */
function applyChange(node: Observation, change: DhcpChange): Observation {
  switch (change.kind) {
    case 'slot-create':
      must(slotOf(node, change.slot)?.kea === undefined, 'a slot with a Kea in it is not rebuilt')
      return withSlot(node, { number: change.slot, link: slotLink(change.slot), network: 'ready' })
    case 'slot-remove':
      return removeSlot(node, change.slot)
    case 'slot-name':
      return withSlot(node, { ...known(slotOf(node, change.slot)), network: 'ready' })
    case 'server-start':
      return startServer(node, change)
    case 'server-prepare':
      return prepareServer(built(node, change), change)
    case 'spare-start':
      return startSpare(built(node, change), change)
    case 'server-retire':
      return retireServer(node, change)
    default:
      return { ...node, ports: applyToTable(node, change) }
  }
}

type TableChange = Exclude<
  DhcpChange,
  {
    kind:
      | 'slot-create'
      | 'slot-remove'
      | 'slot-name'
      | 'server-start'
      | 'server-prepare'
      | 'spare-start'
      | 'server-retire'
  }
>

function applyToTable({ ports, links, slots }: Observation, change: TableChange): PortTable {
  if (change.kind === 'table-create') return { ...ports, exists: true }
  must(ports.exists, 'there is a table')
  switch (change.kind) {
    case 'slot-open':
      must(isReady(slots, change.link), 'a way leads to a link that is there')
      return { ...ports, open: new Set([...ports.open, change.link]) }
    case 'server-switch':
      must(isReady(slots, change.link), 'requests go to a link that is there')
      must(ports.open.has(change.link), 'requests go where a way leads to')
      return { ...ports, switches: new Map([...ports.switches, [change.server, change.link]]) }
    case 'switch-remove':
      must(!usersOf(ports, change.server), 'no port refers to a chain that is deleted')
      return { ...ports, switches: without(ports.switches, change.server) }
    case 'port-serve':
      return servePort(ports, links, change.port, change.stale)
    case 'port-release':
      return { ...ports, chains: without(ports.chains, change.link) }
    case 'element-remove':
      return { ...ports, elements: without(ports.elements, change.element) }
    default:
      return assertNever(change)
  }
}

function built(node: Observation, { slot, builds }: { slot: number; builds?: Building }): Observation {
  return builds ? applyChange(node, { kind: 'slot-create', slot, repair: builds === 'rebuild' }) : node
}

function removeSlot(node: Observation, number: number): Observation {
  const { kea, link, network } = known(slotOf(node, number))
  must(kea === undefined && network === 'ready', 'a slot that is removed is whole, and no Kea is in it')
  must(![...node.ports.switches.values()].includes(link), 'no requests go to a slot that is removed')
  return { ...node, slots: node.slots.filter(slot => slot.number !== number) }
}

function startServer(node: Observation, change: Extract<DhcpChange, { kind: 'server-start' }>): Observation {
  const { server, config, offers, spare } = change
  const slot = known(slotOf(node, change.slot))
  must(slot.network === 'ready', 'a Kea serves in a slot that is ready')
  must(
    pidOf(slot.kea) === spare,
    'a Kea starts in a slot that is free, or is the spare one that was seen there',
  )
  must(spare === undefined || slot.kea?.spareFor === familyOfServer(server), 'a spare Kea is of the family')
  const pid = spare ?? nextPid(node)
  const kea: KeaProcess = { state: 'answering', pid, ending: false, config, serves: { server, offers } }
  return withSlot(node, { ...slot, kea })
}

function prepareServer(
  node: Observation,
  { kind: _, builds: __, ...told }: Extract<DhcpChange, { kind: 'server-prepare' }>,
): Observation {
  const serving = startServer(node, { kind: 'server-start', ...told })
  return withSlot(serving, { ...known(slotOf(serving, told.slot)), isReady: true })
}

function startSpare(node: Observation, change: Extract<DhcpChange, { kind: 'spare-start' }>): Observation {
  const slot = known(slotOf(node, change.slot))
  must(slot.network === 'ready' && !slot.kea, 'a spare Kea starts in a slot that is ready and free')
  must(![...node.ports.switches.values()].includes(slot.link), 'no requests go to a spare Kea')
  const pid = nextPid(node)
  const kea: KeaProcess = { state: 'answering', pid, ending: false, config: '', spareFor: change.family }
  return withSlot(node, { ...slot, kea })
}

function nextPid({ slots }: Observation): number {
  return 1 + Math.max(0, ...slots.map(({ kea }) => pidOf(kea) ?? 0))
}

function retireServer(
  node: Observation,
  change: Extract<DhcpChange, { kind: 'server-retire' }>,
): Observation {
  const { kea, ...slot } = known(slotOf(node, change.slot))
  must(kea !== undefined && pidOf(kea) === change.pid, 'the Kea that ends is the one that was seen')
  must(![...node.ports.switches.values()].includes(slot.link), 'no requests go to a Kea that ends')
  return withSlot(node, slot)
}

function servePort(ports: PortTable, links: Links, port: Port, stale: StalePort): PortTable {
  const { link, services } = port
  must(links.get(link)?.ifindex === port.ifindex, 'the port’s link is there')
  must(ports.chains.has(link) === stale.chain, 'a chain is deleted exactly if it is there')
  const elements = services.flatMap(elementsOf)
  for (const server of services.flatMap(service => serverOf(service) ?? []))
    must(ports.switches.has(server), 'the server’s chain is there')
  for (const [element] of elements) {
    must(
      ports.elements.has(element) === stale.elements.includes(element),
      'an element is deleted exactly if it is there',
    )
  }
  const rules: PortChain = services.map(service => ({ label: ruleLabel(service), packets: 0 }))
  return {
    ...ports,
    chains: new Map([...ports.chains, [link, rules]]),
    elements: new Map([...ports.elements, ...elements]),
  }
}

function pidOf(kea: Kea | undefined): number | undefined {
  return kea && kea.state !== 'dead' ? kea.pid : undefined
}

/** Whether any port’s requests go to a server’s chain. */
function usersOf({ chains }: PortTable, server: ServerId): boolean {
  return [...chains.values()].flat().some(({ label }) => label?.endsWith(` server ${server}`))
}

function isReady(slots: readonly Slot[], link: string): boolean {
  return slots.some(slot => slot.link === link && (slot.network === 'ready' || slot.network === 'unnamed'))
}

function slotOf({ slots }: Observation, number: number): Slot | undefined {
  return slots.find(slot => slot.number === number)
}

function withSlot(node: Observation, slot: Slot): Observation {
  const others = node.slots.filter(({ number }) => number !== slot.number)
  return { ...node, slots: [...others, slot].toSorted((a, b) => a.number - b.number) }
}

/** A map without a key, which has to be there: nft fails on deleting what is not. */
function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Map<Key, Value> {
  must(map.has(key), `${String(key)} is there to be removed`)
  return new Map([...map].filter(([other]) => other !== key))
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the change is about something that is not there')
  return value
}

function must(holds: boolean, law: string): void {
  if (!holds) throw new Error(`broken: ${law}`)
}

/** One run of the line on a node: what was intended, what was done, and what the node is like then. */
export interface Run {
  readonly intent: DhcpIntent
  readonly ruling: Ruling
  readonly changes: readonly DhcpChange[]
  readonly node: Observation
  /** Something waits for a spare Kea, which is there in the next run. */
  readonly awaitsSuccessor: boolean
}

/** One run, and another one for each spare Kea that is awaited, as the agent does it. */
export function converge(guests: readonly Guest[], seen: Observation, given: Partial<Reading> = {}): Run {
  const reading = readingOf(guests, given)
  const run = runOn(reading, onceSettled(reading, seen))
  return run.awaitsSuccessor ? awaited(reading, run) : run
}

function awaited(reading: Reading, before: Run): Run {
  const run = runOn(reading, before.node)
  const changes = [...before.changes, ...run.changes]
  must(changes.filter(({ kind }) => kind === 'spare-start').length < 20, 'each spare Kea is made use of')
  return run.awaitsSuccessor ? awaited(reading, { ...run, changes }) : { ...run, changes }
}

/** One run, with records as they are: several nodes have to agree by them. */
export function runOn(reading: Reading, node: Observation): Run {
  const { dhcp, ruling } = intend(reading, node)
  const target = targetOf(dhcp, reading)
  const changes = diffDhcp(target, node, slotLink)
  const after = settled(changes.reduce(applyChange, node))
  return { intent: dhcp, ruling, changes, node: after, awaitsSuccessor: awaitsSuccessor(target, node) }
}

/** A node a moment later: what was being ended has ended. */
function settled(node: Observation): Observation {
  return {
    ...node,
    slots: node.slots.map(({ kea, ...slot }) => (kea && !isEnding(kea) ? { ...slot, kea } : slot)),
  }
}

function isEnding(kea: Kea): boolean {
  return kea.state !== 'dead' && kea.ending
}

function targetOf(intent: DhcpIntent, { complete }: Reading): DhcpTarget {
  const configs = new Map(
    [...intent.servers].map(([server, offers]) => [
      server,
      JSON.stringify(offers.toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic)),
    ]),
  )
  return { ...intent, configs, inBackground: true, complete }
}
