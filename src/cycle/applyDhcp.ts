import type { DhcpChange } from '../core/dhcp/change.ts'
import type { ServerNumber } from '../core/dhcp/servers.ts'
import type { Observation } from '../core/observation.ts'
import { createSlot, nameSlot } from '../iproute2/slots.ts'
import type { NftablesChange } from '../nftables/render.ts'
import { type Applied, result } from './applied.ts'
import type { Drivers } from './drivers.ts'

/**
 * Carries changes out, in order of what needs what: slots, Keas, then one nftables transaction, then the end of what is
 * no longer used. What depends on something that failed is left for later; everything else goes on.
 */
export async function applyDhcp(
  drivers: Drivers,
  changes: readonly DhcpChange[],
  before: Observation,
): Promise<Applied[]> {
  const started = await applyStarts(drivers, changes, before)
  const down = new Set(
    started.flatMap(({ change, failure }) =>
      change.kind === 'server-start' && failure !== undefined ? [change.server] : [],
    ),
  )
  const transacted = await applyTransaction(drivers, changes.filter(isNftables), down, before)
  const ended = applyRetirements(drivers, changes, [...started, ...transacted])
  return [...started, ...transacted, ...ended]
}

/** Names, slots and Keas, one after the other: each is needed by the next. */
async function applyStarts(
  { name, keas }: Drivers,
  changes: readonly DhcpChange[],
  { links }: Observation,
): Promise<Applied[]> {
  const applied: Applied[] = []
  const lost = new Set<number>()
  for (const change of changes) {
    if (change.kind === 'slot-name') {
      applied.push(result(change, await nameSlot(name, change.slot, change.pid)))
    } else if (change.kind === 'slot-create') {
      const failure = await createSlot(name, change.slot, links)
      if (failure !== undefined) lost.add(change.slot)
      applied.push(result(change, failure))
    } else if (change.kind === 'server-start') {
      applied.push(result(change, lost.has(change.slot) ? 'it has no namespace' : await keas.start(change)))
    }
  }
  return applied
}

/** Everything in nftables at once, but for what is about a server that did not start. */
async function applyTransaction(
  { ports }: Drivers,
  changes: readonly NftablesChange[],
  down: ReadonlySet<ServerNumber>,
  before: Observation,
): Promise<Applied[]> {
  const possible = changes.filter(change => !needs(change, down, before))
  const failures = await ports.apply(possible)
  return changes.map(change =>
    result(change, possible.includes(change) ? failures.get(change) : 'its server did not start'),
  )
}

/** Ends what is no longer used, provided that its successor serves. */
function applyRetirements(
  { keas }: Drivers,
  changes: readonly DhcpChange[],
  done: readonly Applied[],
): Applied[] {
  const failed = done.filter(({ failure }) => failure !== undefined)
  return changes.flatMap(change => {
    if (change.kind !== 'server-retire') return []
    const stays = failed.some(({ change: { kind, ...other } }) =>
      kind === 'server-start' || kind === 'server-switch'
        ? 'slot' in other && other.slot === change.successor
        : false,
    )
    if (!stays) keas.retire(change)
    return [result(change, stays ? 'its successor does not serve yet' : undefined)]
  })
}

function isNftables(change: DhcpChange): change is NftablesChange {
  return !['slot-create', 'slot-name', 'server-start', 'server-retire'].includes(change.kind)
}

/** Whether a change is about a server that did not start. A port can be served if an older Kea still does. */
function needs(change: NftablesChange, down: ReadonlySet<ServerNumber>, before: Observation): boolean {
  if (change.kind === 'server-switch') return down.has(change.server)
  if (change.kind !== 'port-serve') return false
  return down.has(change.port.server) && !before.ports.switches.has(change.port.server)
}
