import { monotonicMs } from '../../lab/wire.ts'
import { type AnnouncingWorld, addressesOf, announcing, FIRST, hooked } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { rounded } from '../statistics.ts'

/** Everything runs but the service, of which nothing is there on the node; another node is announcing already. */
export const announceAll: Benchmark<AnnouncingWorld> = {
  name: 'announce-all',
  measures: 'cold start → every guest’s routes in the router’s kernel',
  unit: 'ms',
  bar: 5000,
  guestnet: measureAgent,
  predecessor: measureHooks,
}

async function measureAgent(world: AnnouncingWorld): Promise<Measurement> {
  return await announcing(world, async (_, tookMs) => {
    return {
      value: tookMs,
      notes: [`${world.guests.length} guests; a bare link stands for each`],
    }
  })
}

const HOOKS = 100

/** After a boot the hooks run one by one, as guests are started. */
async function measureHooks(world: AnnouncingWorld): Promise<Measurement> {
  return await hooked({ ...world, guests: [] }, async hooks => {
    const { routes, guests } = world
    const some = guests.slice(0, HOOKS)
    const begun = monotonicMs()
    for (const guest of some) await hooks.started([guest])
    const ms = (await routes.leadTo(addressesOf(some), FIRST)) - begun
    await hooks.stopped(some)
    return {
      value: (ms / HOOKS) * guests.length,
      notes: [`${HOOKS} hooks, one after the other: ${rounded(ms)} ms; extrapolated in proportion`],
    }
  })
}
