import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../../lab/clients/raw.ts'
import { hear, type Monitor } from '../../lab/monitored.ts'
import { monotonicMs } from '../../lab/wire.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered, offeredAt, openWhenThere } from '../offers.ts'
import { agentWith, serving } from '../service.ts'
import { describeSamples, percentile } from '../statistics.ts'
import type { World } from '../world.ts'

/** A guest starts; from when on it can send nothing but what is its own. */
export const guardPort: Benchmark<World> = {
  name: 'guard-port',
  measures: 'new port → guarded, p95',
  unit: 'ms',
  bar: 100,
  guestnet: measure,
}

const SAMPLES = 40
/** Ports appear at any moment of the second in which the agent looks once by itself. */
const SPREAD_MS = 1000

/** nft(8) tells of a port's chain when the transaction that it comes with is done. */
const CHAINS: Monitor = {
  command: ['nft', 'monitor', 'new', 'chains'],
  sign: where =>
    where.run('nft', [
      'add table netdev listening; add chain netdev listening x; delete table netdev listening',
    ]),
}

async function measure(world: World): Promise<Measurement> {
  const { node, tree, running } = world
  const guardedAt = new Map<string, number>()
  await hear(node, CHAINS, line => {
    const [, link] = /^add chain netdev \S+\.guard (tap\w+) /.exec(line) ?? []
    if (link !== undefined) guardedAt.set(link, monotonicMs())
  })
  tree.policy('guard: {mode: on}\n')
  const chosen = running.slice(0, SAMPLES)
  const delays = await serving(agentWith(), world, async () => {
    await everyoneOffered(world)
    for (const vmid of chosen) await node.unplug(vmid, 0)
    await pause(SPREAD_MS + 2000)
    guardedAt.clear()
    const measured: Delay[] = []
    for (const vmid of chosen) {
      measured.push(await delayOf(world, vmid, guardedAt))
      await pause(randomInt(SPREAD_MS / 2, SPREAD_MS * 1.5))
    }
    return measured
  }).finally(() => tree.policy(''))
  const toGuarded = delays.map(({ guarded }) => guarded)
  const late = delays.filter(({ guarded, offered }) => guarded > offered).length
  return {
    value: percentile(toGuarded, 0.95),
    notes: [
      `from the link's appearance, ${describeSamples(toGuarded, 'ms')}`,
      `of ${late} the chain was told of after the offer had come; to that, ${describeSamples(
        delays.map(({ offered }) => offered),
        'ms',
      )}`,
    ],
  }
}

/** Milliseconds from the link's appearance. */
interface Delay {
  readonly guarded: number
  readonly offered: number
}

async function delayOf(
  { node }: World,
  vmid: number,
  guardedAt: ReadonlyMap<string, number>,
): Promise<Delay> {
  const port = node.guest(vmid).port()
  const opening = openWhenThere(port, RawClient)
  const plugging = node.hotplug(vmid, 0)
  const { client, before } = await opening
  try {
    const offered = await offeredAt(client, port, 3)
    await plugging
    const guarded = guardedAt.get(`tap${vmid}i0`)
    if (guarded === undefined) throw new Error(`guest ${vmid} was offered an address and is not guarded`)
    return { guarded: guarded - before, offered: offered - before }
  } finally {
    client.close()
  }
}
