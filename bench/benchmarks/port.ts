import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../../lab/clients/raw.ts'
import { RawClient6 } from '../../lab/clients6/raw.ts'
import type { Family } from '../../src/core/values/family.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { advertisedAt, everyoneOffered, offeredAt, openWhenThere } from '../offers.ts'
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

/** The same, of the guest's IPv6 address. */
export const port6: Benchmark<World> = {
  name: 'port6',
  measures: 'new port → first ADVERTISE, p95',
  unit: 'ms',
  bar: 150,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000, family: 'ipv6' }),
}

interface Plan {
  readonly family?: Family
  readonly samples: number
  /** Ports appear at any moment of this interval, in which the service looks once by itself. */
  readonly spreadMs: number
}

async function measure(
  service: Service,
  world: World,
  { samples, spreadMs, family = 'ipv4' }: Plan,
): Promise<Measurement> {
  const chosen = world.running.slice(0, samples)
  const delays = await serving(service, world, async () => {
    await everyoneOffered(world)
    for (const vmid of chosen) await world.node.unplug(vmid, 0)
    await pause(spreadMs + 2000)
    const measured: Delay[] = []
    for (const vmid of chosen) {
      measured.push(await delayOf(world, vmid, family))
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
async function delayOf({ node }: World, vmid: number, family: Family): Promise<Delay> {
  const guestPort = node.guest(vmid).port()
  const opening =
    family === 'ipv4' ? openWhenThere(guestPort, RawClient) : openWhenThere(guestPort, RawClient6)
  const plugging = node.hotplug(vmid, 0)
  const { client, before } = await opening
  try {
    const at =
      client instanceof RawClient
        ? await offeredAt(client, guestPort, 3)
        : await advertisedAt(client, guestPort, 3)
    await plugging
    return { sinceAppearance: at - before, sinceWired: at - node.guest(vmid).wiredAt }
  } finally {
    client.close()
  }
}
