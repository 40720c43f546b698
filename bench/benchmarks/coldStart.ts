import { monotonicMs } from '../../lab/wire.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { type EveryoneOffered, everyoneOffered } from '../offers.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import { rounded } from '../statistics.ts'
import type { World } from '../world.ts'

/** Nothing of the service is there yet, and all guests run. */
export const coldStart: Benchmark<World> = {
  name: 'cold-start',
  measures: 'cold start → every guest is offered its address, longest',
  unit: 'ms',
  bar: 3000,
  guestnet: measureAgent,
  predecessor: measurePredecessor,
}

const RUNS = 5

async function measureAgent(world: World): Promise<Measurement> {
  const runs: EveryoneOffered[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await sinceStart(agentWith(), world))
  const list = (values: readonly number[]) => values.map(rounded).join(', ')
  return {
    value: Math.max(...runs.map(({ allAt }) => allAt)),
    notes: [
      `${RUNS} runs: ${list(runs.map(({ allAt }) => allAt))} ms`,
      `a few guests that asked all the time: ${list(runs.map(({ fewAt }) => fewAt))} ms; then all were asked`,
    ],
  }
}

/** One Kea starts after another, so more of them take longer in proportion. */
async function measurePredecessor(world: World): Promise<Measurement> {
  const { allAt } = await sinceStart(predecessor, world)
  const [few, all] = [world.running.length, world.configured.length]
  return {
    value: (allAt / few) * all,
    notes: [`${few} Keas measured: ${rounded(allAt)} ms; extrapolated to ${all} in proportion`],
  }
}

async function sinceStart(service: Service, world: World): Promise<EveryoneOffered> {
  const begun = monotonicMs()
  return await serving(service, world, async () => {
    const { fewAt, allAt } = await everyoneOffered(world)
    return { fewAt: fewAt - begun, allAt: allAt - begun }
  })
}
