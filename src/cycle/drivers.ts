import { Advertiser } from '../advertiser/driver.ts'
import { BirdDaemon } from '../bird/daemon.ts'
import { BirdDriver } from '../bird/driver.ts'
import { TableMemory } from '../bird/tableMemory.ts'
import type { SoughtRouter, SoughtRouters } from '../core/advertising/router.ts'
import type { DriverSet } from '../core/driver.ts'
import type { Settings } from '../core/node/settings.ts'
import { markOf } from '../core/routing/mark.ts'
import { flushProtocol } from '../iproute2/flush.ts'
import { ForwardingDriver } from '../iproute2/forwarding.ts'
import { RoutingTables } from '../iproute2/routingTables.ts'
import { SlotDriver } from '../iproute2/slotDriver.ts'
import { FormerClients } from '../kea/formerClients.ts'
import { Retirements } from '../kea/retirements.ts'
import { KeaServers } from '../kea/servers.ts'
import { GuardTables } from '../nftables/guard/table.ts'
import { PortTables } from '../nftables/table.ts'
import { Holders } from '../pve/holders.ts'

export interface DriverEvents {
  /** The process id of each `nft` that changes the table. */
  readonly onTransaction?: (pid: number) => void
  /** Somebody calls `forget()` of ports and routing when they are changed from outside. */
  readonly remembers?: boolean
  /** A Kea or a BIRD that this process started has ended. */
  readonly onDaemonEnd?: () => void
}

/** The parts of the node that guestnet observes and changes, by their names. */
export type Drivers = ReturnType<typeof makeDrivers>

export function makeDrivers({ name, runDir, stateDir, pveRoot }: Settings, events: DriverEvents = {}) {
  const { onTransaction, remembers = false, onDaemonEnd } = events
  const onEnd = onDaemonEnd && { onEnd: onDaemonEnd }
  const daemon = new BirdDaemon({ runDir, unit: `${name}-bird`, ...onEnd })
  const retirements = new Retirements(runDir)
  const ports = new PortTables(name, { onTransaction, remembers })
  return {
    name,
    /** guestnet's BIRD itself, for those who ask it more than what there is. */
    daemon,
    holders: new Holders(pveRoot),
    slots: new SlotDriver(name),
    keas: new KeaServers({ name, runDir, stateDir, retirements, probes: remembers, ...onEnd }),
    guard: new GuardTables(name, { onTransaction, remembers }),
    ports,
    solicitations: ports,
    advertiser: new Advertiser({ name, runDir, ...onEnd }),
    /** Kept by who asks for routers, and looked at with everything else. */
    soughtRouters: new Map<string, SoughtRouter>(),
    /** Of guests that ask by another DUID than before. */
    formerClients: new FormerClients(runDir),
    retirements,
    forwarding: new ForwardingDriver(),
    routing: new RoutingTables({ remembers, mark: markOf(name) }),
    bird: new BirdDriver({ daemon, memory: new TableMemory(stateDir), flush: flushProtocol }),
  } satisfies DriverSet & {
    name: string
    daemon: BirdDaemon
    formerClients: FormerClients
    soughtRouters: SoughtRouters
  }
}
