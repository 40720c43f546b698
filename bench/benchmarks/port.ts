import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../../lab/clients/raw.ts'
import { RawClient6 } from '../../lab/clients6/raw.ts'
import { Solicitor } from '../../lab/clients6/solicitor.ts'
import type { GuestPort } from '../../lab/guest.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { advertisedAt, everyoneOffered, offeredAt, openWhenThere, toldOfRouterAt } from '../offers.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import { describeSamples, percentile } from '../statistics.ts'
import type { World } from '../world.ts'

/** A guest that was configured long ago starts. */
export const port: Benchmark<World> = {
  name: 'port',
  measures: 'new port, wired to its bridges → first OFFER, median / p95',
  unit: 'ms',
  bar: 50,
  medianBar: 20,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000 }),
  predecessor: world => measure(predecessor, world, { samples: 8, spreadMs: 5000 }),
}

/** The same, of the guest's IPv6 address. */
export const port6: Benchmark<World> = {
  name: 'port6',
  measures: 'new port, wired to its bridges → first ADVERTISE, p95',
  unit: 'ms',
  bar: 150,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000, opening: forAdvertise }),
}

/** The same, of its first router advertisement, asked for or not. */
export const portRouter: Benchmark<World> = {
  name: 'port-ra',
  measures: 'new port, wired to its bridges → router solicitation answered, p95',
  unit: 'ms',
  bar: 150,
  guestnet: world => measure(agentWith(), world, { samples: 40, spreadMs: 1000, opening: forRouter }),
}

/** Somebody on a new port who asks for something until it comes. */
interface Asking {
  /** When it was last seen that the port was not there. */
  readonly before: number
  /** Asks until it comes; when that was. */
  ask(): Promise<number>
  close(): void
}

/** Milliseconds between two questions. */
const EVERY = 3

const asking =
  <Client extends { close(): void }>(
    kind: { open(port: GuestPort): Promise<Client> },
    cameAt: (client: Client, port: GuestPort, everyMs: number) => Promise<number>,
  ) =>
  async (port: GuestPort): Promise<Asking> => {
    const { client, before } = await openWhenThere(port, kind)
    return { before, ask: () => cameAt(client, port, EVERY), close: () => client.close() }
  }

const forOffer = asking(RawClient, offeredAt)
const forAdvertise = asking(RawClient6, advertisedAt)
const forRouter = asking(Solicitor, toldOfRouterAt)

interface Plan {
  /** What is asked for. */
  readonly opening?: (port: GuestPort) => Promise<Asking>
  readonly samples: number
  /** Ports appear at any moment of this interval, in which the service looks once by itself. */
  readonly spreadMs: number
}

async function measure(
  service: Service,
  world: World,
  { samples, spreadMs, opening = forOffer }: Plan,
): Promise<Measurement> {
  const chosen = world.running.slice(0, samples)
  const delays = await serving(service, world, async () => {
    await everyoneOffered(world)
    await service.settled?.(world)
    for (const vmid of chosen) await world.node.unplug(vmid, 0)
    await pause(spreadMs + 2000)
    const measured: Delay[] = []
    for (const vmid of chosen) {
      measured.push(await delayOfPort(world, vmid, opening))
      await pause(randomInt(spreadMs / 2, spreadMs * 1.5))
    }
    return measured
  })
  const fromWired = delays.map(({ sinceWired }) => sinceWired)
  return {
    value: percentile(fromWired, 0.95),
    median: percentile(fromWired, 0.5),
    notes: [
      `from when it is wired to its bridges, ${describeSamples(fromWired, 'ms')}`,
      `from the link's appearance, ${describeSamples(
        delays.map(({ sinceAppearance }) => sinceAppearance),
        'ms',
      )}`,
    ],
  }
}

interface Delay {
  readonly sinceAppearance: number
  readonly sinceWired: number
}

/** Plugs a NIC in; the guest asks from the moment its link exists, even before it is up. */
export async function delayOfPort(
  { node }: World,
  vmid: number,
  open: Required<Plan>['opening'] = forOffer,
): Promise<Delay> {
  const opening = open(node.guest(vmid).port())
  const plugging = node.hotplug(vmid, 0)
  const { before, ask, close } = await opening
  try {
    const at = await ask()
    await plugging
    return { sinceAppearance: at - before, sinceWired: at - node.guest(vmid).wiredAt }
  } finally {
    close()
  }
}
