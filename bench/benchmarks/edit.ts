import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { withRawClient } from '../../lab/clients/raw.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import { monotonicMs } from '../../lab/wire.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { advertisedAt, everyoneOffered, offeredAt } from '../offers.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import { describeSamples, percentile } from '../statistics.ts'
import type { World } from '../world.ts'

/** An administrator edits `ipconfig0` of a guest that runs. */
export const edit: Benchmark<World> = {
  name: 'edit',
  measures: 'ipconfig edited → OFFER of the new address, median / p95',
  unit: 'ms',
  bar: 150,
  medianBar: 80,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000 }),
  predecessor: world => measure(predecessor, world, { samples: 8, spreadMs: 5000 }),
}

/** The same of its IPv6 address. */
export const edit6: Benchmark<World> = {
  name: 'edit6',
  measures: 'ip6 edited → ADVERTISE of the new address, p95',
  unit: 'ms',
  bar: 400,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000, delay: delayOf6 }),
}

/** The same where inotify tells nothing: an edit on another node of the cluster. */
export const editPolled: Benchmark<World> = {
  name: 'edit-polled',
  measures: 'the same with --watch poll: .version is looked at once a second',
  unit: 'ms',
  guestnet: world => measure(agentWith('--watch', 'poll'), world, { samples: 30, spreadMs: 1000 }),
  predecessor: world => measure(predecessor, world, { samples: 8, spreadMs: 5000 }),
}

interface Plan {
  readonly samples: number
  /** Edits happen at any moment of this interval, in which the service looks once by itself. */
  readonly spreadMs: number
  /** What is edited, and waited for. */
  readonly delay?: typeof delayOfEdit
}

async function measure(
  service: Service,
  world: World,
  { samples, spreadMs, delay = delayOfEdit }: Plan,
): Promise<Measurement> {
  const delays = await serving(service, world, async () => {
    await everyoneOffered(world)
    await service.settled?.(world)
    const measured: number[] = []
    for (let sample = 0; sample < samples; sample++) {
      await pause(randomInt(spreadMs / 2, spreadMs * 1.5))
      measured.push(await delay(world, world.running[sample % world.running.length] ?? 0))
    }
    return measured
  })
  return {
    value: percentile(delays, 0.95),
    median: percentile(delays, 0.5),
    notes: [describeSamples(delays, 'ms')],
  }
}

/** Milliseconds from an edit of a guest's address until it is offered the new one. */
export async function delayOfEdit(world: World, vmid: number): Promise<number> {
  const port = world.node.guest(vmid).port()
  return await withRawClient(port, async client => {
    const begun = monotonicMs()
    return (await offeredAt(client, port, 5, world.editAddress(vmid))) - begun
  })
}

async function delayOf6(world: World, vmid: number): Promise<number> {
  const port = world.node.guest(vmid).port()
  return await withRawClient6(port, async client => {
    const begun = monotonicMs()
    return (await advertisedAt(client, port, 5, world.editAddress(vmid, 'ipv6'))) - begun
  })
}
