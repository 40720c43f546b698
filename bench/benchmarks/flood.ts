import { setTimeout as pause } from 'node:timers/promises'
import { floodsOf } from '../../lab/clients/floods.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { flood as send } from '../../lab/flood.ts'
import { monotonicMs } from '../../lab/wire.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered } from '../offers.ts'
import { memoryOf } from '../processes.ts'
import { agentWith, serving } from '../service.ts'
import { describeSamples, percentile, rounded, sum } from '../statistics.ts'
import type { World } from '../world.ts'

/** One guest sends as fast as it can, each kind in turn; another one leases. */
export const flood: Benchmark<World> = {
  name: 'flood',
  measures: 'another guest’s exchange while one floods DHCP, p99',
  unit: 'ms',
  bar: 100,
  guestnet: world => serving(agentWith(), world, agent => measure(world, agent.pid)),
}

/** What is written in it is tidied up twenty times. */
const DURATION_MS = 600_000
const EXCHANGES = 1000

/** A client that hears nothing asks again after a second at the earliest. */
const RETRIES = { everyMs: 1000, timeoutMs: 10_000 }

async function measure(world: World, pid: number): Promise<Measurement> {
  await everyoneOffered(world)
  const [flooder = 0, other = 0] = world.running
  const before = memoryOf([pid]).rss
  const [rates, times] = await Promise.all([floodWith(world, flooder), exchangesOf(world, other)])
  const given = times.filter(ms => ms !== undefined)
  const lost = times.length - given.length
  return {
    value: lost === 0 ? percentile(given, 0.99) : Number.POSITIVE_INFINITY,
    notes: [
      `${lost} of ${times.length} lost; ${describeSamples(given, 'ms')}`,
      `${rounded(Math.min(...rates))} to ${rounded(Math.max(...rates))} frames a second, ${rounded(sum(rates) / rates.length)} in the mean`,
      `agent: ${rounded(before)} MB resident before, ${rounded(memoryOf([pid]).rss)} MB after`,
    ],
  }
}

/** Every kind of flood in turn; frames a second of each. */
async function floodWith({ node }: World, vmid: number): Promise<number[]> {
  const port = node.guest(vmid).port()
  const { address = '' } = (await withRawClient(port, client => client.exchange())) ?? {}
  const kinds = Object.values(floodsOf(port, address, address.replace(/\d+$/, '1')))
  const rates: number[] = []
  for (const frames of kinds) {
    const { frames: sent, seconds } = await send(port, frames, DURATION_MS / kinds.length)
    rates.push(sent / seconds)
  }
  return rates
}

/** Exchanges spread over the floods; milliseconds of each, `undefined` for one that got no lease. */
async function exchangesOf({ node }: World, vmid: number): Promise<(number | undefined)[]> {
  return await withRawClient(node.guest(vmid).port(), async client => {
    const begun = monotonicMs()
    const times: (number | undefined)[] = []
    for (let number = 0; number < EXCHANGES; number++) {
      await pause(Math.max(0, begun + (DURATION_MS / EXCHANGES) * number - monotonicMs()))
      const asked = monotonicMs()
      times.push((await client.exchange(RETRIES)) && monotonicMs() - asked)
    }
    return times
  })
}
