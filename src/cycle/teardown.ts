import { readdirSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { NOTHING_ROUTED } from '../core/announcing/intent.ts'
import type { AnnounceObservation } from '../core/announcing/observation.ts'
import { describeChange } from '../core/change.ts'
import type { Slot } from '../core/dhcp/observation.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Observation } from '../core/observation.ts'
import { diffRouting } from '../core/routing/diff.ts'
import { markOf } from '../core/routing/mark.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { applyRouting } from '../iproute2/routingApply.ts'
import { removeSlot } from '../iproute2/slots.ts'
import { errorText } from '../os/errorText.ts'
import { exists } from '../os/files.ts'
import { type Drivers, makeDrivers } from './drivers.ts'
import { LEFTOVERS, observe } from './observe.ts'

/** Something that is taken away in one go. */
interface Part {
  /** What is done, one sentence each, in the words of `plan`. */
  readonly steps: readonly string[]
  /** Does it; resolves to those steps that failed, with the reason. */
  readonly perform: () => Promise<ReadonlyMap<string, string>>
}

export interface TeardownOptions {
  /** Only tells what would be done. */
  readonly dryRun: boolean
  /** Leases, the last good policy and the timeline go as well. */
  readonly purge: boolean
}

export interface Teardown {
  /** What was done, or would be. */
  readonly removed: readonly string[]
  /** What stays, and is guestnet's. */
  readonly kept: readonly string[]
  readonly failures: readonly string[]
}

/** Removes everything on the node that bears this instance's mark. Guests keep the addresses they have leased. */
export async function teardown(settings: Settings, { dryRun, purge }: TeardownOptions): Promise<Teardown> {
  const { runDir, stateDir } = settings
  const drivers = makeDrivers(settings)
  const observation = await observe(drivers, { announcing: LEFTOVERS, isGuarded: false })
  const { announcing, slots } = observation
  const keepsState = exists(stateDir) && !purge
  const parts = [
    ...(announcing ? announcingParts(drivers, announcing) : []),
    ...guardPart(drivers, observation),
    ...portsPart(drivers, observation),
    ...advertiserPart(drivers, observation),
    ...keasPart(drivers, slots),
    ...slots.flatMap(slot => slotPart(settings.name, slot, observation)),
    ...runFolderPart(runDir),
    ...(keepsState ? [] : folderPart(stateDir)),
  ]
  const failed = dryRun ? new Map<string, string>() : await performAll(parts)
  return {
    removed: parts.flatMap(({ steps }) => steps).filter(step => !failed.has(step)),
    kept: keepsState ? [stateDir] : [],
    failures: [...failed].map(([step, reason]) => `could not ${step}: ${reason}`),
  }
}

async function performAll(parts: readonly Part[]): Promise<Map<string, string>> {
  const failed = new Map<string, string>()
  for (const part of parts) for (const [step, reason] of await part.perform()) failed.set(step, reason)
  return failed
}

const NONE: ReadonlyMap<string, string> = new Map()

/** One step. */
function part(step: string, perform: () => Promise<Result>): Part {
  return {
    steps: [step],
    perform: async () => {
      const result = await perform().catch(error => failed(errorText(error)))
      return result.ok ? NONE : new Map([[step, result.reason]])
    },
  }
}

/** BIRD first: what leads here has to stop before the way is taken away. */
function announcingParts(
  { bird, daemon, name }: Drivers,
  { routing, bird: seen }: AnnounceObservation,
): Part[] {
  const changes = diffRouting(NOTHING_ROUTED, routing)
  const isThere = seen.state !== 'absent' || seen.wasThere
  const step = seen.state === 'absent' ? 'remove what BIRD left' : `end BIRD process ${seen.pid}`
  const endBird = part(step, async () => {
    const result = await bird.end()
    await daemon.remove()
    return result
  })
  const routes: Part = {
    steps: changes.map(describeChange),
    perform: async () => {
      const failed = await applyRouting(changes, markOf(name))
      return new Map([...failed].map(([change, reason]) => [describeChange(change), reason]))
    },
  }
  return [...(isThere ? [endBird] : []), ...(changes.length > 0 ? [routes] : [])]
}

function portsPart({ name, ports }: Drivers, { ports: table }: Observation): Part[] {
  if (!table.exists) return []
  return [part(`remove the nftables table netdev ${name}`, () => ports.remove())]
}

function guardPart({ guard }: Drivers, { guard: { table } }: Observation): Part[] {
  if (!table.exists) return []
  return [part(`remove the nftables table netdev ${guard.name}`, () => guard.remove())]
}

/** Its namespace and its link go with it. */
function advertiserPart({ advertiser }: Drivers, { advertising }: Observation): Part[] {
  const seen = advertising.advertiser
  if (seen.state === 'absent' && !seen.wasThere) return []
  const step = 'pid' in seen ? `end the advertiser, process ${seen.pid}` : 'remove what the advertiser left'
  return [
    part(step, async () => {
      await advertiser.remove()
      return DONE
    }),
  ]
}

function keasPart({ keas }: Drivers, slots: readonly Slot[]): Part[] {
  const steps = slots.flatMap(({ number, kea }) => {
    if (!kea) return []
    return kea.state === 'dead'
      ? [`remove the files of a dead Kea in namespace ${number}`]
      : [`end Kea process ${kea.pid} in namespace ${number}`]
  })
  const perform = async () => {
    await keas.removeAll()
    return NONE
  }
  return steps.length === 0 ? [] : [{ steps, perform }]
}

function slotPart(name: string, { number, network }: Slot, { links }: Observation): Part[] {
  if (network === 'absent' || network === 'foreign') return []
  const { namespace, link } = slotNames(name, number)
  return [
    part(`remove the namespace ${namespace} and the link ${link}`, () => removeSlot(name, number, links)),
  ]
}

/** A folder in which there is nothing but the lock was made for the lock a moment ago: that is not worth telling. */
function runFolderPart(folder: string): Part[] {
  const parts = folderPart(folder)
  const isNew = exists(folder) && readdirSync(folder).every(name => name === 'lock')
  return isNew ? parts.map(({ perform }) => ({ steps: [], perform })) : parts
}

function folderPart(folder: string): Part[] {
  if (!exists(folder)) return []
  return [
    part(`remove the folder ${folder}`, async () => {
      // Such as /run, given by mistake: much more than guestnet's is in it.
      if (dirname(resolve(folder)) === '/') return failed('it is no folder of guestnet’s own')
      rmSync(folder, { recursive: true, force: true })
      return DONE
    }),
  ]
}
