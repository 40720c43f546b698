import { setTimeout as pause } from 'node:timers/promises'
import { guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabProcess } from '../../lab/process.ts'
import { type AnnouncingWorld, announcing } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'

/** The agent goes and comes back: the router must not hear of it. */
export const restart: Benchmark<AnnouncingWorld> = {
  name: 'restart',
  measures: 'BGP updates that the router gets from restarts of the agent, kill -9 among them',
  unit: 'updates',
  bar: 0,
  guestnet: world => announcing(world, agent => measure(world, agent)),
}

const SIGNALS = ['SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const satisfies NodeJS.Signals[]

async function measure(world: AnnouncingWorld, running: LabProcess): Promise<Measurement> {
  const { first, router } = world
  // What came before has to have settled.
  await pause(2000)
  const before = await router.updates(1)
  let agent = running
  for (const signal of SIGNALS) {
    agent.signal(signal)
    await agent.exited
    agent = startAgent(first, { args: ['--watch', 'poll'] })
    await isConverged(world)
    await pause(1000)
  }
  const value = (await router.updates(1)) - before
  await agent.stop()
  return {
    value,
    notes: [`${SIGNALS.join(', ')}; ${2 * world.guests.length} routes were announced all the time`],
  }
}

async function isConverged({ first }: AnnouncingWorld): Promise<void> {
  await eventually('the new agent has nothing to do', async () => {
    const { stdout } = await guestnet(first, 'status')
    return (JSON.parse(stdout) as { agent: boolean }).agent && (await guestnet(first, 'plan')).exitCode === 0
  })
}
