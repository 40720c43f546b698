import { setTimeout as pause } from 'node:timers/promises'
import { type AnnouncingWorld, addressesOf, announcing, FIRST } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { type Spent, spentDuring } from '../processes.ts'
import { untilIdle } from '../settled.ts'
import { rounded } from '../statistics.ts'

/** What the node spends on a guest that stops and starts again, with all that the agent started: its monitors, Keas, BIRD. */
export const eventCpu: Benchmark<AnnouncingWorld> = {
  name: 'event-cpu',
  measures: 'CPU of one stop and start of a guest, of both families, announced',
  unit: 'ms',
  bar: 60,
  guestnet: world => announcing(world, agent => measure(world, agent.pid)),
}

const SAMPLES = 20
const QUIET_MS = 10_000
/** After each stop and start: what follows from it belongs to it. */
const AFTER_MS = 700

/** Milliseconds of a core for each stop and start, and `own` of them the agent's and that of programs it runs for a moment. */
export interface EventCost {
  readonly each: number
  readonly own: number
  /** Share of a core that is taken while nothing happens, which does not count. */
  readonly idleShare: number
}

/** What guests' stops and starts cost an agent that has nothing else to do. */
export async function eventCost(
  { first, guests, routes }: AnnouncingWorld,
  pid: number,
  samples: number,
): Promise<EventCost> {
  // What the start leaves to be done would count as what nothing costs, and so would a full look.
  await untilIdle(first)
  const idle = await spentDuring(pid, () => pause(QUIET_MS))
  const chosen = guests.slice(0, samples)
  const busy = await spentDuring(pid, async () => {
    for (const guest of chosen) {
      const addresses = addressesOf([guest])
      const withdrawn = routes.leadTo(addresses, undefined)
      await first.stop(guest.vmid)
      await withdrawn
      await pause(AFTER_MS)
      const announced = routes.leadTo(addresses, FIRST)
      await first.start(guest.vmid)
      await announced
      await pause(AFTER_MS)
    }
  })
  const beyondIdle = (cpuOf: (spent: Spent) => number) =>
    (cpuOf(busy) - (cpuOf(idle) / idle.elapsed) * busy.elapsed) / chosen.length
  return {
    each: beyondIdle(({ itself, others }) => itself + others),
    own: beyondIdle(({ itself }) => itself),
    idleShare: (idle.itself + idle.others) / idle.elapsed,
  }
}

async function measure(world: AnnouncingWorld, pid: number): Promise<Measurement> {
  const { each, own, idleShare } = await eventCost(world, pid, SAMPLES)
  return {
    value: each,
    notes: [
      `${SAMPLES} of each, ${rounded(own)} ms of it the agent's and that of programs it runs for a moment; what it takes while nothing happens, ${rounded(100 * idleShare)} % of a core, does not count`,
    ],
  }
}
