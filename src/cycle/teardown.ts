import { rmSync } from 'node:fs'
import type { Settings } from '../core/settings.ts'
import { slotNames } from '../core/slot.ts'
import { removeSlot } from '../iproute2/slots.ts'
import { LEFTOVERS } from './announcing.ts'
import { makeDrivers, observe } from './drivers.ts'

/** Removes everything on the node that bears this instance's mark. Guests keep the addresses they have leased. */
export async function teardown(settings: Settings): Promise<{ removed: string[]; failures: string[] }> {
  const drivers = makeDrivers(settings)
  const { ports, slots, links } = await observe(drivers, LEFTOVERS)
  const removed: string[] = []
  const failures: string[] = []
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
