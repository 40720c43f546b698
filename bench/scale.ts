import { setTimeout as pause } from 'node:timers/promises'
import { guestnet } from '../lab/agent.ts'
import { monotonicMs } from '../lab/wire.ts'
import {
  type AnnouncingWorld,
  allKnown,
  asServed,
  createAnnouncingWorld,
  isForgotten,
} from './announcingWorld.ts'
import { stopsAndStarts } from './benchmarks/announce.ts'
import { delayOfEdit } from './benchmarks/edit.ts'
import { eventCost } from './benchmarks/eventCpu.ts'
import { delayOfPort } from './benchmarks/port.ts'
import { everyoneOffered } from './offers.ts'
import { familyOf, memoryOf } from './processes.ts'
import { progress } from './progress.ts'
import { agentWith, serving } from './service.ts'
import { untilSettled } from './settled.ts'
import { percentile, rounded } from './statistics.ts'

/** What is measured of nodes of different sizes, and how it is told. */
export const QUANTITIES = {
  port: { title: 'new port, wired to its bridge → first OFFER, median', unit: 'ms' },
  edit: { title: 'address edited → OFFER of the new one, median', unit: 'ms' },
  announce: { title: 'port up → routes in the router’s kernel, median', unit: 'ms' },
  withdraw: { title: 'port gone → routes gone there, median', unit: 'ms' },
  eventCpu: { title: 'CPU of one stop and start', unit: 'ms' },
  coldStart: { title: 'agent started, nothing there → all routes in the router’s kernel', unit: 'ms' },
  memory: { title: 'memory of all that runs, PSS', unit: 'MB' },
  idle: { title: 'CPU while nothing happens, without the full look each minute', unit: '% of a core' },
  status: { title: 'guestnet status', unit: 'ms' },
  explain: { title: 'guestnet explain of one guest', unit: 'ms' },
} as const

export type Quantity = keyof typeof QUANTITIES

/** A node that announces so many addresses and prefixes. */
export interface ScalePoint {
  readonly announced: number
  readonly values: Readonly<Record<Quantity, number>>
}

const SAMPLES = 9

/** Guests on a node, at most: each is a namespace of its own. What they do not have themselves is behind them. */
const GUESTS = 300

/** Measures a node of each size, the smaller ones first. */
export async function measureScale(sizes: readonly number[]): Promise<ScalePoint[]> {
  const points: ScalePoint[] = []
  for (const announced of sizes.toSorted((a, b) => a - b)) {
    const guests = Math.min(announced / 2, GUESTS)
    progress(`a node with ${guests} guests that announces ${announced} addresses and prefixes`)
    const world = await createAnnouncingWorld({ guests, addresses: announced, migrations: 1 })
    try {
      const values = await measure(world)
      await isForgotten(world)
      points.push({ announced, values })
      progress(
        `  ${Object.entries(values)
          .map(([name, value]) => `${name} ${rounded(value)}`)
          .join(', ')}`,
      )
    } finally {
      await world.lab.close()
    }
  }
  return points
}

async function measure(world: AnnouncingWorld): Promise<ScalePoint['values']> {
  const served = asServed(world)
  const begun = monotonicMs()
  return await serving(agentWith(), served, async ({ pid }) => {
    await allKnown(world, 50)
    const coldStart = monotonicMs() - begun
    await everyoneOffered(served)
    await untilSettled(world.first)
    await world.routes.look()
    const { each: eventCpu, idleShare } = await eventCost(world, pid, SAMPLES)
    const { announced, withdrawn } = await stopsAndStarts(world, { samples: SAMPLES })
    return {
      announce: percentile(announced, 0.5),
      withdraw: percentile(withdrawn, 0.5),
      eventCpu,
      coldStart,
      idle: 100 * idleShare,
      port: await medianOf(served.running, async vmid => {
        await world.first.unplug(vmid, 0)
        await pause(1000)
        return (await delayOfPort(served, vmid)).sinceWired
      }),
      edit: await medianOf(served.running, vmid => delayOfEdit(served, vmid)),
      memory: memoryOf(familyOf(pid)).pss,
      status: await verbTime(world, 'status'),
      explain: await verbTime(world, 'explain', String(served.running[0])),
    }
  })
}

/** Of the first guests, one after the other, with a while between them. */
async function medianOf(
  vmids: readonly number[],
  delayOf: (vmid: number) => Promise<number>,
): Promise<number> {
  const delays: number[] = []
  for (const vmid of vmids.slice(0, SAMPLES)) {
    delays.push(await delayOf(vmid))
    await pause(1000)
  }
  return percentile(delays, 0.5)
}

async function verbTime({ first }: AnnouncingWorld, verb: string, ...args: string[]): Promise<number> {
  const times: number[] = []
  for (let sample = 0; sample < 3; sample++) {
    const begun = monotonicMs()
    await guestnet(first, verb, ...args)
    times.push(monotonicMs() - begun)
  }
  return percentile(times, 0.5)
}
