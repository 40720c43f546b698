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
import { LinkTable } from '../iproute2/linkTable.ts'
import { RoutingTables } from '../iproute2/routingTables.ts'
import { SlotDriver } from '../iproute2/slotDriver.ts'
import { BackgroundKeas, type BackgroundKeasOptions } from '../kea/background.ts'
import { FormerClients } from '../kea/formerClients.ts'
import { Retirements } from '../kea/retirements.ts'
import { KeaServers } from '../kea/servers.ts'
import { GuardTables } from '../nftables/guard/table.ts'
import { NftProcess } from '../nftables/nft.ts'
import { PortTables } from '../nftables/table.ts'
import { Holders } from '../pve/holders.ts'

export interface DriverEvents {
  /** The process id of each `nft` that changes the table. */
  readonly onTransaction?: (pid: number) => void
  /** Somebody calls `forget()` of what is remembered when it is changed from outside, and tells the links of each line of their monitor. */
  readonly remembers?: boolean
  /** A Kea or a BIRD that this process started has ended. */
  readonly onDaemonEnd?: () => void
  /** A Kea or an advertiser has come up in the background, or a Kea was told what to serve; or it failed. */
  readonly onBackground?: BackgroundKeasOptions['onDone']
}

/** The parts of the node that guestnet observes and changes, by their names. */
export type Drivers = ReturnType<typeof makeDrivers>

export function makeDrivers({ name, runDir, stateDir, pveRoot }: Settings, events: DriverEvents = {}) {
  const { onTransaction, remembers = false, onDaemonEnd, onBackground } = events
  const onEnd = onDaemonEnd && { onEnd: onDaemonEnd }
  const daemon = new BirdDaemon({ runDir, unit: `${name}-bird`, ...onEnd })
  const retirements = new Retirements(runDir)
  const keas = new KeaServers({ name, runDir, stateDir, retirements, probes: remembers, ...onEnd })
  const tables = { onTransaction, remembers, ...(remembers && { transact: new NftProcess().transact }) }
  const ports = new PortTables(name, tables)
  const slots = new SlotDriver(name)
  const background = new BackgroundKeas({
    build: (slot, links) => slots.create(slot, links),
    start: (slot, family) => keas.startSpare(slot, family),
    serve: change => keas.serve(change),
    onDone: onBackground,
  })
  return {
    name,
    links: new LinkTable({ remembers }),
    /** guestnet's BIRD itself, for those who ask it more than what there is. */
    daemon,
    holders: new Holders(pveRoot),
    slots,
    keas,
    guard: new GuardTables(name, tables),
    ports,
    solicitations: ports,
    advertiser: new Advertiser({ name, runDir, onStarted: onBackground, ...onEnd }),
    /** Kept by who asks for routers, and looked at with everything else. */
    soughtRouters: new Map<string, SoughtRouter>(),
    /** Of guests that ask by another DUID than before. */
    formerClients: new FormerClients(runDir),
    retirements,
    preparations: background,
    spares: background,
    forwarding: new ForwardingDriver({ remembers }),
    routing: new RoutingTables({ remembers, mark: markOf(name) }),
    bird: new BirdDriver({ daemon, memory: new TableMemory(stateDir), flush: flushProtocol }),
  } satisfies DriverSet & {
    name: string
    links: LinkTable
    daemon: BirdDaemon
    formerClients: FormerClients
    soughtRouters: SoughtRouters
  }
}
