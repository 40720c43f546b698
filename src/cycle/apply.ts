import type { Change } from '../core/change.ts'
import type { ServerNumber } from '../core/intent/servers.ts'
import type { Observation } from '../core/observation.ts'
import { createSlot } from '../iproute2/slots.ts'
import type { NftablesChange } from '../nftables/render.ts'
import type { Drivers } from './drivers.ts'

/** A change that was tried; `failure` says why it did not come about. */
export interface Applied {
  readonly change: Change
  readonly failure?: string
}

/**
 * Carries changes out, in order of what needs what: slots, Keas, then one nftables transaction, then the end of what is
 * no longer used. What depends on something that failed is left for later; everything else goes on.
 */
export async function apply(
  drivers: Drivers,
  changes: readonly Change[],
  before: Observation,
): Promise<Applied[]> {
  const applied: Applied[] = []
  const down = new Set<ServerNumber>()
  for (const { slot, start, create } of startsIn(changes)) {
    const failure = create && (await createSlot(drivers.name, slot, before.links))
    if (create) applied.push(result(create, failure))
    const startFailure = failure ?? (await drivers.keas.start(start))
    applied.push(result(start, startFailure))
    if (startFailure !== undefined) down.add(start.server)
  }
  const transaction = changes.filter(isNftables)
  const possible = transaction.filter(change => !needs(change, down, before))
  const failures = await drivers.ports.apply(possible)
  applied.push(...possible.map(change => result(change, failures.get(change))))
  applied.push(
    ...transaction
      .filter(change => !possible.includes(change))
      .map(change => result(change, 'its server did not start')),
  )
  const switchFailed = possible.some(change => change.kind === 'server-switch' && failures.has(change))
  for (const change of changes) {
    if (change.kind !== 'server-retire') continue
    const stays = switchFailed || isStillNeeded(change, changes, down)
    if (!stays) drivers.keas.retire(change)
    applied.push(result(change, stays ? 'its successor does not serve yet' : undefined))
  }
  const order = new Map(changes.map((change, index) => [change, index]))
  return applied.toSorted((a, b) => (order.get(a.change) ?? 0) - (order.get(b.change) ?? 0))
}

function result(change: Change, failure: string | undefined): Applied {
  return failure === undefined ? { change } : { change, failure }
}

function startsIn(changes: readonly Change[]) {
  return changes.flatMap(start => {
    if (start.kind !== 'server-start') return []
    const create = changes.find(change => change.kind === 'slot-create' && change.slot === start.slot)
    return [{ slot: start.slot, start, create }]
  })
}

function isNftables(change: Change): change is NftablesChange {
  return change.kind !== 'slot-create' && change.kind !== 'server-start' && change.kind !== 'server-retire'
}

/** Whether a change is about a server that did not start. A port can be served if an older Kea still does. */
function needs(change: NftablesChange, down: ReadonlySet<ServerNumber>, before: Observation): boolean {
  if (change.kind === 'server-switch') return down.has(change.server)
  if (change.kind !== 'port-serve') return false
  return down.has(change.port.server) && !before.ports.switches.has(change.port.server)
}

function isStillNeeded(
  retirement: Extract<Change, { kind: 'server-retire' }>,
  changes: readonly Change[],
  down: ReadonlySet<ServerNumber>,
): boolean {
  return changes.some(
    change =>
      change.kind === 'server-start' && change.slot === retirement.successor && down.has(change.server),
  )
}
