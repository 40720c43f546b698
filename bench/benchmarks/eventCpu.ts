import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../../lab/wire.ts'
import { type AnnouncingWorld, addressesOf, announcing, FIRST } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { cpuOf } from '../processes.ts'
import { untilSettled } from '../settled.ts'
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

async function measure({ first, guests, routes }: AnnouncingWorld, pid: number): Promise<Measurement> {
  // What the start leaves to be done would count as what nothing costs.
  await untilSettled(first)
  const idle = await during(pid, () => pause(QUIET_MS))
  const busy = await during(pid, async () => {
    for (const guest of guests.slice(0, SAMPLES)) {
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
  const idleShare = idle.cpu / idle.elapsed
  const each = (busy.cpu - idleShare * busy.elapsed) / SAMPLES
  const own = (busy.itself - (idle.itself / idle.elapsed) * busy.elapsed) / SAMPLES
  return {
    value: each,
    notes: [
      `${SAMPLES} of each, ${rounded(own)} ms of it the agent's and that of programs it runs for a moment; what it takes while nothing happens, ${rounded(100 * idleShare)} % of a core, does not count`,
    ],
  }
}

interface Spent {
  readonly cpu: number
  readonly itself: number
  readonly elapsed: number
}

async function during(pid: number, act: () => Promise<unknown>): Promise<Spent> {
  const [before, begun] = [cpuOf(pid), monotonicMs()]
  await act()
  const after = cpuOf(pid)
  const itself = after.itself - before.itself
  return { cpu: itself + after.others - before.others, itself, elapsed: monotonicMs() - begun }
}
