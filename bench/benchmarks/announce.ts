import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { AnnouncedGuest } from '../announced.ts'
import { type AnnouncingWorld, addressesOf, announcing, FIRST, hooked } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { once } from '../once.ts'
import { describeSamples, percentile } from '../statistics.ts'

const BARS = { bar: 15, medianBar: 5 }
const SAMPLES = 30

/** A guest starts: the router's kernel has both of its addresses. */
export const announce: Benchmark<AnnouncingWorld> = {
  name: 'announce',
  measures: 'port up → both routes in the router’s kernel, median / p95',
  unit: 'ms',
  ...BARS,
  guestnet: async world => summary((await byAgent(world)).announced),
  predecessor: async world => summary((await byHooks(world)).announced),
}

/** A guest stops. */
export const withdraw: Benchmark<AnnouncingWorld> = {
  name: 'withdraw',
  measures: 'port gone → both routes gone from the router’s kernel, median / p95',
  unit: 'ms',
  ...BARS,
  guestnet: async world => summary((await byAgent(world)).withdrawn),
  predecessor: async world => summary((await byHooks(world)).withdrawn),
}

/** Milliseconds, of each sample. */
interface Delays {
  readonly announced: number[]
  readonly withdrawn: number[]
}

interface Hooks {
  readonly started: (guest: AnnouncedGuest) => Promise<void>
  readonly stopped: (guest: AnnouncedGuest) => Promise<void>
}

/** The agent needs none. */
const NO_HOOKS: Hooks = { started: async () => undefined, stopped: async () => undefined }

const byAgent = once((world: AnnouncingWorld) =>
  announcing(world, () => stopsAndStarts(world, { samples: SAMPLES })),
)

const byHooks = once((world: AnnouncingWorld) =>
  hooked(world, hooks =>
    stopsAndStarts(world, {
      samples: SAMPLES,
      hooks: { started: guest => hooks.started([guest]), stopped: guest => hooks.stopped([guest]) },
    }),
  ),
)

/** Stops guests and starts them again, at any moment of the second between two looks at `.version`. */
export async function stopsAndStarts(
  { first, routes, ports, guests }: AnnouncingWorld,
  { samples, hooks = NO_HOOKS }: { readonly samples: number; readonly hooks?: Hooks },
): Promise<Delays> {
  const delays: Delays = { announced: [], withdrawn: [] }
  for (const guest of guests.slice(0, samples)) {
    const addresses = addressesOf([guest])
    await pause(randomInt(200, 1200))
    const withdrawn = routes.leadTo(addresses, undefined)
    await first.stop(guest.vmid)
    await hooks.stopped(guest)
    delays.withdrawn.push((await withdrawn) - (await ports.goneAt(guest.port)))
    await pause(randomInt(200, 1200))
    const announced = routes.leadTo(addresses, FIRST)
    await first.start(guest.vmid)
    await hooks.started(guest)
    delays.announced.push((await announced) - (await ports.upAt(guest.port)))
  }
  return delays
}

function summary(delays: readonly number[]): Measurement {
  return {
    value: percentile(delays, 0.95),
    median: percentile(delays, 0.5),
    notes: [describeSamples(delays, 'ms')],
  }
}
