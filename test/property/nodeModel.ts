import { type DhcpChange, type Port, portLabel } from '../../src/core/dhcp/change.ts'
import { diff, type Target } from '../../src/core/dhcp/diff.ts'
import { type Intent, type IntentInput, intend } from '../../src/core/dhcp/intent.ts'
import type { Kea, PortTable, Slot } from '../../src/core/dhcp/observation.ts'
import type { Guest } from '../../src/core/guest/guest.ts'
import type { Links } from '../../src/core/node/link.ts'
import type { Observation } from '../../src/core/observation.ts'
import { assertNever } from '../../src/core/values/brand.ts'
import { intentInput, slotLink } from '../builders.ts'

/** What each change does to a node whose programs all work. What nft or ip would refuse throws. */
function applyChange(node: Observation, change: DhcpChange): Observation {
  switch (change.kind) {
    case 'slot-create':
      must(slotOf(node, change.slot)?.kea === undefined, 'a slot with a Kea in it is not rebuilt')
      return withSlot(node, { number: change.slot, link: slotLink(change.slot), network: 'ready' })
    case 'slot-name':
      return withSlot(node, { ...known(slotOf(node, change.slot)), network: 'ready' })
    case 'server-start':
      return startServer(node, change)
    case 'server-retire':
      return retireServer(node, change)
    default:
      return { ...node, ports: applyToTable(node, change) }
  }
}

type TableChange = Exclude<
  DhcpChange,
  { kind: 'slot-create' | 'slot-name' | 'server-start' | 'server-retire' }
>

function applyToTable({ ports, links, slots }: Observation, change: TableChange): PortTable {
  if (change.kind === 'table-create') return { ...ports, exists: true }
  must(ports.exists, 'there is a table')
  switch (change.kind) {
    case 'replies-open':
      must(isReady(slots, change.link), 'replies come from a link that is there')
      return { ...ports, replies: new Set([...ports.replies, change.link]) }
    case 'server-switch':
      must(isReady(slots, change.link), 'requests go to a link that is there')
      return { ...ports, switches: new Map([...ports.switches, [change.server, change.link]]) }
    case 'switch-remove':
      must(!usersOf(ports, change.server), 'no port refers to a chain that is deleted')
      return { ...ports, switches: without(ports.switches, change.server) }
    case 'port-serve':
      return servePort(ports, links, change.port, change.stale)
    case 'port-release':
      return { ...ports, chains: without(ports.chains, change.link) }
    case 'element-remove':
      return { ...ports, elements: without(ports.elements, change.mac) }
    default:
      return assertNever(change)
  }
}

function startServer(node: Observation, change: Extract<DhcpChange, { kind: 'server-start' }>): Observation {
  const { server, config, offers } = change
  const slot = known(slotOf(node, change.slot))
  must(slot.network === 'ready' && !slot.kea, 'a Kea starts in a slot that is ready and free')
  const pid = 1 + Math.max(0, ...node.slots.map(({ kea }) => kea?.pid ?? 0))
  const kea: Kea = { state: 'answering', pid, ending: false, server, config, offers }
  return withSlot(node, { ...slot, kea })
}

function retireServer(
  node: Observation,
  change: Extract<DhcpChange, { kind: 'server-retire' }>,
): Observation {
  const { kea, ...slot } = known(slotOf(node, change.slot))
  must(kea?.pid === change.pid, 'the Kea that ends is the one that was seen')
  must(![...node.ports.switches.values()].includes(slot.link), 'no requests go to a Kea that ends')
  return withSlot(node, slot)
}

function servePort(
  ports: PortTable,
  links: Links,
  port: Port,
  stale: { chain: boolean; element: boolean },
): PortTable {
  const { mac } = port.offer
  must(links.get(port.link)?.ifindex === port.ifindex, 'the port’s link is there')
  must(ports.switches.has(port.server), 'the server’s chain is there')
  must(ports.chains.has(port.link) === stale.chain, 'a chain is deleted exactly if it is there')
  must(ports.elements.has(mac) === stale.element, 'an element is deleted exactly if it is there')
  return {
    ...ports,
    chains: new Map([...ports.chains, [port.link, { comment: portLabel(port), packets: 0 }]]),
    elements: new Map([...ports.elements, [mac, port.link]]),
  }
}

/** Whether any port’s requests go to a server’s chain. */
function usersOf({ chains }: PortTable, server: number): boolean {
  return [...chains.values()].some(({ comment }) => comment?.endsWith(` server ${server}`))
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
  readonly intent: Intent
  readonly changes: readonly DhcpChange[]
  readonly node: Observation
}

export function converge(guests: readonly Guest[], seen: Observation, given: Partial<IntentInput> = {}): Run {
  const intent = intend(intentInput(guests, given), seen)
  const changes = diff(targetOf(intent), seen, slotLink)
  return { intent, changes, node: settled(changes.reduce(applyChange, seen)) }
}

/** A node a moment later: what was being ended has ended. */
function settled(node: Observation): Observation {
  return {
    ...node,
    slots: node.slots.map(({ kea, ...slot }) => (kea && !kea.ending ? { ...slot, kea } : slot)),
  }
}

function targetOf(intent: Intent): Target {
  const configs = new Map(
    [...intent.servers].map(([server, offers]) => [
      server,
      JSON.stringify(offers.toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic)),
    ]),
  )
  return { ...intent, configs }
}
