import type { Observation, Slot } from '../core/observation.ts'
import type { Settings } from '../core/settings.ts'
import { observeLinks } from '../iproute2/links.ts'
import { observeSlots, type SlotNetwork } from '../iproute2/slots.ts'
import { type KeaAtHome, KeaServers } from '../kea/servers.ts'
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
  /** Somebody tells `ports.forget()` when the table is changed from outside. */
  readonly remembers?: boolean
  /** A Kea that this process started has ended. */
  readonly onKeaEnd?: () => void
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
      ...(events.onKeaEnd ? { onEnd: events.onKeaEnd } : {}),
    }),
  }
}

/** What is on the node now. Throws when a program that tells does not work. */
export async function observe({ name, ports, keas }: Drivers): Promise<Observation> {
  const observing = keas.observe()
  const links = await observeLinks()
  const [table, running] = await Promise.all([ports.observe(links), observing])
  const slots = observeSlots(name, links, [...running.keys()]).map(slot =>
    combine(slot, running.get(slot.number)),
  )
  return { links, ports: table, slots }
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
