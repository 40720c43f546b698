import { rmSync } from 'node:fs'
import { NOTHING_ROUTED } from '../core/announcing/intent.ts'
import type { AnnounceObservation } from '../core/announcing/observation.ts'
import { describeChange } from '../core/change.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import type { Settings } from '../core/node/settings.ts'
import { diffRouting } from '../core/routing/diff.ts'
import { markOf } from '../core/routing/mark.ts'
import { applyRouting } from '../iproute2/routingApply.ts'
import { removeSlot } from '../iproute2/slots.ts'
import { type Drivers, makeDrivers } from './drivers.ts'
import { LEFTOVERS, observe } from './observe.ts'

/** Removes everything on the node that bears this instance's mark. Guests keep the addresses they have leased. */
export async function teardown(settings: Settings): Promise<{ removed: string[]; failures: string[] }> {
  const drivers = makeDrivers(settings)
  const { ports, slots, links, announcing } = await observe(drivers, LEFTOVERS)
  const removed: string[] = []
  const failures: string[] = []
  if (announcing) await withdraw(drivers, announcing, removed, failures)
  if (ports.exists) {
    const outcome = await drivers.ports.remove()
    if (outcome.ok) removed.push(`the nftables table netdev ${settings.name}`)
    else failures.push(outcome.reason)
  }
  const keas = await drivers.keas.removeAll()
  if (keas > 0) removed.push(`${keas} Kea process${keas === 1 ? '' : 'es'}`)
  for (const { number, network } of slots) {
    if (network === 'absent' || network === 'foreign') continue
    const failure = await removeSlot(settings.name, number, links)
    const { namespace, link } = slotNames(settings.name, number)
    if (failure === undefined) removed.push(`the namespace ${namespace} and the link ${link}`)
    else failures.push(failure)
  }
  rmSync(settings.runDir, { recursive: true, force: true })
  removed.push(settings.runDir)
  return { removed, failures }
}

/** BIRD first: what leads here has to stop before the way is taken away. */
async function withdraw(
  { bird, daemon, name }: Drivers,
  { routing }: AnnounceObservation,
  removed: string[],
  failures: string[],
): Promise<void> {
  const failure = await bird.end()
  if (await daemon.remove()) removed.push('BIRD')
  if (failure !== undefined) failures.push(failure)
  const changes = diffRouting(NOTHING_ROUTED, routing)
  const failed = await applyRouting(changes, markOf(name))
  for (const change of changes) {
    const reason = failed.get(change)
    if (reason === undefined) removed.push(describeChange(change))
    else failures.push(reason)
  }
}
