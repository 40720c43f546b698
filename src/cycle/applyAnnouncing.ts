import type { BirdFiles } from '../bird/files.ts'
import type { AnnounceChange } from '../core/announcing/change.ts'
import type { Links } from '../core/node/link.ts'
import { FORWARDING } from '../core/routing/forwarding.ts'
import { applySetting } from '../iproute2/forwarding.ts'
import { type Applied, result } from './applied.ts'
import { birdGoesBy, endBird } from './birdTable.ts'
import type { Drivers } from './drivers.ts'

export interface AnnounceContext {
  readonly links: Links
  /** What BIRD is to go by; absent: there should be none of ours. */
  readonly files: BirdFiles | undefined
}

/** Carries out what is about announcing, the kernel and BIRD at once. */
export async function applyAnnouncing(
  drivers: Drivers,
  changes: readonly AnnounceChange[],
  { links, files }: AnnounceContext,
): Promise<Applied[]> {
  const applied = await Promise.all([
    applyKernel(drivers, changes, links),
    applyBird(drivers, changes, files),
  ])
  return applied.flat()
}

async function applyKernel(
  drivers: Drivers,
  changes: readonly AnnounceChange[],
  links: Links,
): Promise<Applied[]> {
  return [...applySettings(changes), ...(await applyRoutingSteps(drivers, changes, links))]
}

/** One after the other: where a link did not take what keeps the host's default route, IPv6 is not forwarded either. */
function applySettings(changes: readonly AnnounceChange[]): Applied[] {
  const applied: Applied[] = []
  for (const change of changes) {
    if (change.kind !== 'sysctl-set') continue
    const isUnsafe =
      change.name === FORWARDING.ipv6.name && applied.some(({ failure }) => failure !== undefined)
    const failure = isUnsafe ? 'the host would lose its default route' : applySetting(change)
    applied.push(result(change, failure))
  }
  return applied
}

async function applyRoutingSteps(
  drivers: Drivers,
  changes: readonly AnnounceChange[],
  links: Links,
): Promise<Applied[]> {
  const routing = changes.filter(change => change.kind === 'routing')
  const [first] = routing
  if (!first) return []
  const steps = routing.map(({ step }) => step)
  const failures = await drivers.routing.apply(steps, first.table, links)
  return routing.map(change => result(change, failures.get(change.step)))
}

/** Everything BIRD is told goes to it in one piece, so it succeeds or fails as one. */
async function applyBird(
  { bird }: Drivers,
  changes: readonly AnnounceChange[],
  files: BirdFiles | undefined,
): Promise<Applied[]> {
  const told = changes.filter(({ kind }) => kind !== 'routing' && kind !== 'sysctl-set')
  if (told.length === 0) return []
  const start = told.find(change => change.kind === 'bird-start')
  const failure = await attempt(async () => {
    if (!files) return await endBird(bird)
    if (start?.former !== undefined) await bird.kill()
    return await birdGoesBy(bird, files, start ? 'start' : 'configure')
  })
  return told.map(change => result(change, failure))
}

async function attempt(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
