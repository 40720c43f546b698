import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../../lab/wire.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered } from '../offers.ts'
import { cpuOf, familyOf } from '../processes.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import type { World } from '../world.ts'

/** Nothing happens; `.version` is looked at every second, and once in this minute everything is. */
export const idle: Benchmark = {
  name: 'idle',
  measures: 'CPU while nothing happens',
  unit: '% of a core',
  bar: 1,
  guestnet: world => measure(agentWith(), world),
  predecessor: world => measure(predecessor, world),
}

const WINDOW_MS = 60_000

async function measure(service: Service, world: World): Promise<Measurement> {
  return await serving(service, world, async ({ pid }) => {
    await everyoneOffered(world)
    await pause(3000)
    const [begun, before] = [monotonicMs(), cpuOf(pid)]
    await pause(WINDOW_MS)
    const [ended, after] = [monotonicMs(), cpuOf(pid)]
    const value = ((after - before) / (ended - begun)) * 100
    const load = `${world.configured.length} guests configured, ${world.running.length} running`
    return {
      value,
      notes: [`${after - before} ms of CPU in 60 s by ${familyOf(pid).length} processes, ${load}`],
    }
  })
}
