import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered } from '../offers.ts'
import { type CpuTime, cpuOf } from '../processes.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import type { World } from '../world.ts'

/**
 * Nothing happens; `.version` is looked at every second, and once in this minute everything is. It begins when what the start
 * itself took is over: Node.js gives memory back some eight seconds after it was last busy, which is not a cost of being idle.
 */
export const idle: Benchmark<World> = {
  name: 'idle',
  measures: 'CPU while nothing happens',
  unit: '% of a core',
  bar: 0.5,
  guestnet: measureAgent,
  predecessor: measurePredecessor,
}

const WINDOW_MS = 60_000

async function measureAgent(world: World): Promise<Measurement> {
  const { itself, others } = await cpuWhileIdle(agentWith(), world)
  return {
    value: percentOfCore(itself + others),
    notes: [`in 60 s the agent took ${itself} ms of CPU, its monitors and Kea ${others} ms`],
  }
}

/** It reads all configurations, whether their guests run or not; its Keas are as many as run. */
async function measurePredecessor(world: World): Promise<Measurement> {
  const { itself, others } = await cpuWhileIdle(predecessor, world)
  const [few, all] = [world.running.length, world.configured.length]
  return {
    value: percentOfCore(itself + (others / few) * all),
    notes: [`in 60 s it took ${itself} ms of CPU, ${few} Keas ${others} ms; extrapolated to ${all} Keas`],
  }
}

async function cpuWhileIdle(service: Service, world: World): Promise<CpuTime> {
  return await serving(service, world, async ({ pid }) => {
    await everyoneOffered(world)
    if (service.settled) await aMinuteOld(service.settled, world)
    else await pause(3000)
    const before = cpuOf(pid)
    await pause(WINDOW_MS)
    const after = cpuOf(pid)
    return { itself: after.itself - before.itself, others: after.others - before.others }
  })
}

/**
 * Until a minute after it settled. That it has is told by its metrics, and after them the next full look lists the counters in
 * nftables, which others do not.
 */
async function aMinuteOld(settled: (world: World) => Promise<void>, world: World): Promise<void> {
  await settled(world)
  await pause(WINDOW_MS)
}

function percentOfCore(ms: number): number {
  return (ms / WINDOW_MS) * 100
}
