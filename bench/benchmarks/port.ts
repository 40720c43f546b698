import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered, offeredAt, openWhenThere } from '../offers.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import { describeSamples, percentile } from '../statistics.ts'
import type { World } from '../world.ts'

/** A guest that was configured long ago starts. */
export const port: Benchmark<World> = {
  name: 'port',
  measures: 'new port → first OFFER, p95',
  unit: 'ms',
  bar: 150,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000 }),
  predecessor: world => measure(predecessor, world, { samples: 8, spreadMs: 5000 }),
}

interface Plan {
  readonly samples: number
  /** Ports appear at any moment of this interval, in which the service looks once by itself. */
  readonly spreadMs: number
}

async function measure(service: Service, world: World, { samples, spreadMs }: Plan): Promise<Measurement> {
  const chosen = world.running.slice(0, samples)
  const delays = await serving(service, world, async () => {
    await everyoneOffered(world)
    for (const vmid of chosen) await world.node.unplug(vmid, 0)
    await pause(spreadMs + 2000)
    const measured: Delay[] = []
    for (const vmid of chosen) {
      measured.push(await delayOf(world, vmid))
      await pause(randomInt(spreadMs / 2, spreadMs * 1.5))
    }
    return measured
  })
  const fromAppearance = delays.map(({ sinceAppearance }) => sinceAppearance)
  return {
    value: percentile(fromAppearance, 0.95),
    notes: [
      `from the link's appearance, ${describeSamples(fromAppearance, 'ms')}`,
      `from when it is wired to its bridges, ${describeSamples(
        delays.map(({ sinceWired }) => sinceWired),
        'ms',
      )}`,
    ],
  }
}

interface Delay {
  readonly sinceAppearance: number
  readonly sinceWired: number
}

/** Plugs a NIC in; the guest asks every 3 ms from the moment its link exists, even before it is up. */
async function delayOf({ node }: World, vmid: number): Promise<Delay> {
  const guestPort = node.guest(vmid).port()
  const opening = openWhenThere(guestPort)
  const plugging = node.hotplug(vmid, 0)
  const { client, before } = await opening
  try {
    const at = await offeredAt(client, guestPort, 3)
    await plugging
    return { sinceAppearance: at - before, sinceWired: at - node.guest(vmid).wiredAt }
  } finally {
    client.close()
  }
}
