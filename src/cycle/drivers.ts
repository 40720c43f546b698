import type { Observation, Slot } from '../core/observation.ts'
import type { Settings } from '../core/settings.ts'
import { observeLinks } from '../iproute2/links.ts'
import { NAMESPACES, observeSlots } from '../iproute2/slots.ts'
import { KeaServers } from '../kea/servers.ts'
import { PortTables } from '../nftables/table.ts'

/** The parts of the node that guestnet observes and changes. */
export interface Drivers {
  readonly name: string
  readonly ports: PortTables
  readonly keas: KeaServers
}

export interface DriverEvents {
  /** The process id of each `nft` that changes the table. */
  readonly onTransaction?: (pid: number) => void
  /** A Kea that this process started has ended. */
  readonly onKeaEnd?: () => void
}

export function makeDrivers({ name, runDir, stateDir }: Settings, events: DriverEvents = {}): Drivers {
  return {
    name,
    ports: new PortTables(name, events.onTransaction),
    keas: new KeaServers({
      name,
      runDir,
      stateDir,
      namespaces: NAMESPACES,
      ...(events.onKeaEnd ? { onEnd: events.onKeaEnd } : {}),
    }),
  }
}

/** What is on the node now. Throws when a program that tells does not work. */
export async function observe({ name, ports, keas }: Drivers): Promise<Observation> {
  const [links, table, running] = await Promise.all([observeLinks(), ports.observe(), keas.observe()])
  const slots = observeSlots(name, links, [...running.keys()]).map((slot): Slot => {
    const kea = running.get(slot.number)
    return kea ? { ...slot, kea } : slot
  })
  return { links, ports: table, slots }
}
