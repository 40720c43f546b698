import { type Bird, BirdDaemon } from '../bird/daemon.ts'
import { announcementsOf } from '../bird/files.ts'
import type { AnnounceObservation, ObservedBird } from '../core/announcing/observation.ts'
import type { Slot } from '../core/dhcp/observation.ts'
import type { Links } from '../core/node/link.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Observation } from '../core/observation.ts'
import { observeForwarding } from '../iproute2/forwarding.ts'
import { observeLinks } from '../iproute2/links.ts'
import { RoutingTables } from '../iproute2/routingTables.ts'
import { observeSlots, type SlotNetwork } from '../iproute2/slots.ts'
import { type KeaAtHome, KeaServers } from '../kea/servers.ts'
import { PortTables } from '../nftables/table.ts'
import { exists } from '../os/files.ts'

/** The parts of the node that guestnet observes and changes. */
export interface Drivers {
  readonly name: string
  readonly ports: PortTables
  readonly keas: KeaServers
  readonly bird: BirdDaemon
  readonly routing: RoutingTables
}

export interface DriverEvents {
  /** The process id of each `nft` that changes the table. */
  readonly onTransaction?: (pid: number) => void
  /** Somebody calls `forget()` of ports and routing when they are changed from outside. */
  readonly remembers?: boolean
  /** A Kea or a BIRD that this process started has ended. */
  readonly onDaemonEnd?: () => void
}

export function makeDrivers({ name, runDir, stateDir }: Settings, events: DriverEvents = {}): Drivers {
  return {
    name,
    ports: new PortTables(name, {
      onTransaction: events.onTransaction,
      remembers: events.remembers ?? false,
    }),
    keas: new KeaServers({
      name,
      runDir,
      stateDir,
      ...(events.onDaemonEnd ? { onEnd: events.onDaemonEnd } : {}),
    }),
    routing: new RoutingTables({ remembers: events.remembers ?? false }),
    bird: new BirdDaemon({ runDir, ...(events.onDaemonEnd ? { onEnd: events.onDaemonEnd } : {}) }),
  }
}

/** What is on the node now. Throws when a program that tells does not work. */
export async function observe(drivers: Drivers, routing: RoutingInterest | undefined): Promise<Observation> {
  const { name, ports, keas } = drivers
  const observing = keas.observe()
  const links = await observeLinks()
  const [table, running, announcing] = await Promise.all([
    ports.observe(links),
    observing,
    routing && observeAnnouncing(drivers, routing, links),
  ])
  const slots = observeSlots(name, links, [...running.keys()]).map(slot =>
    combine(slot, running.get(slot.number)),
  )
  return { links, ports: table, slots, ...(announcing && { announcing }) }
}

export interface RoutingInterest {
  /** guestnet's own. */
  readonly tables: readonly number[]
  /** The links that are to be gateways. */
  readonly devices: readonly string[]
  /** Whether guestnet is to make the node forward. */
  readonly forwarding: boolean
}

async function observeAnnouncing(
  { bird, keas, routing: kernel }: Drivers,
  { tables, devices, forwarding }: RoutingInterest,
  links: Links,
): Promise<AnnounceObservation> {
  const [routing, daemon, leases, observedForwarding] = await Promise.all([
    kernel.observe(tables, devices, links),
    bird.observe(),
    keas.allLeases(),
    forwarding ? observeForwarding() : undefined,
  ])
  return {
    routing,
    leases,
    bird: describeBird(daemon, bird),
    ...(observedForwarding && { forwarding: observedForwarding }),
  }
}

function describeBird(daemon: Bird, { paths }: BirdDaemon): ObservedBird {
  switch (daemon.state) {
    case 'absent':
      return { state: 'absent', wasThere: exists(paths.config) }
    case 'silent':
      return daemon
    case 'running': {
      const { state, pid, routerId, peers, files } = daemon
      const known = files && { config: files.config, announcements: announcementsOf(files) }
      return { state, pid, routerId, peers, ...(known && { files: known }) }
    }
  }
}

function combine(seen: SlotNetwork, kea: KeaAtHome | undefined): Slot {
  const { number, link, namespace } = seen
  if (!kea?.namespace)
    return { number, link, ...(kea && { kea }), network: networkOf(seen, typeof namespace === 'number') }
  const isNamed = namespace === 'elsewhere' || namespace === kea.namespace
  return { number, link, kea, network: seen.linkIsUp && !isNamed ? 'unnamed' : networkOf(seen, isNamed) }
}

function networkOf({ linkIsUp, exists, isForeign }: SlotNetwork, isNamed: boolean): Slot['network'] {
  if (isForeign) return 'foreign'
  if (linkIsUp && isNamed) return 'ready'
  return exists ? 'broken' : 'absent'
}
