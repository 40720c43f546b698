import { setTimeout as pause } from 'node:timers/promises'
import { guestnet } from '../lab/agent.ts'
import { Namespace } from '../lab/namespace.ts'
import { monotonicMs } from '../lab/wire.ts'
import { type AnnouncedGuest, BRIDGE } from './announced.ts'
import {
  type AnnouncingWorld,
  addressesOf,
  announcing,
  createAnnouncingWorld,
  editAnnounced,
  FIRST,
} from './announcingWorld.ts'
import { cpuOf, familyOf, memoryOf } from './processes.ts'
import { progress } from './progress.ts'
import { percentile, rounded } from './statistics.ts'

/** What is measured of nodes of different sizes, and how it is told. */
export const QUANTITIES = {
  announce: { title: 'port up → routes in the router’s kernel, median', unit: 'ms' },
  withdraw: { title: 'port gone → routes gone there, median', unit: 'ms' },
  edit: { title: 'address edited → its route in the router’s kernel, median', unit: 'ms' },
  eventCpu: { title: 'CPU of one stop and start', unit: 'ms' },
  coldStart: { title: 'agent started, nothing there → all routes in the router’s kernel', unit: 'ms' },
  memory: { title: 'memory of all that runs, PSS', unit: 'MB' },
  idle: { title: 'CPU while nothing happens', unit: '% of a core' },
  status: { title: 'guestnet status', unit: 'ms' },
  explain: { title: 'guestnet explain of one guest', unit: 'ms' },
} as const

export type Quantity = keyof typeof QUANTITIES

/** One node with so many guests, each with an address of each family. */
export interface ScalePoint {
  readonly guests: number
  readonly values: Readonly<Record<Quantity, number>>
}

const SAMPLES = 9
const QUIET_MS = 10_000
const AFTER_MS = 700

/** Measures a node of each size, the smaller ones first. A bare port stands for each guest. */
export async function measureScale(sizes: readonly number[]): Promise<ScalePoint[]> {
  const points: ScalePoint[] = []
  for (const guests of sizes.toSorted((a, b) => a - b)) {
    progress(`a node with ${guests} guests`)
    const world = await createAnnouncingWorld({ guests, migrations: 1, bare: true })
    try {
      const values = await announcing(world, (agent, tookMs) => measure(world, agent.pid, tookMs))
      points.push({ guests, values })
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

async function measure(
  world: AnnouncingWorld,
  pid: number,
  coldStart: number,
): Promise<ScalePoint['values']> {
  await pause(3000)
  const idle = await spentDuring(pid, () => pause(QUIET_MS))
  const [withdrawn, announced]: [number[], number[]] = [[], []]
  const busy = await spentDuring(pid, async () => {
    for (let sample = 0; sample < SAMPLES; sample++) {
      const guest = guestAt(world, sample)
      withdrawn.push(await timeOf(world, guest, 'unplug'))
      await pause(AFTER_MS)
      announced.push(await timeOf(world, guest, 'plug'))
      await pause(AFTER_MS)
    }
  })
  const edited: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    edited.push(await editTime(world, guestAt(world, sample)))
    await pause(AFTER_MS)
  }
  const share = idle.cpu / idle.elapsed
  return {
    announce: percentile(announced, 0.5),
    withdraw: percentile(withdrawn, 0.5),
    edit: percentile(edited, 0.5),
    eventCpu: (busy.cpu - share * busy.elapsed) / SAMPLES,
    coldStart,
    memory: memoryOf(familyOf(pid)).pss,
    idle: 100 * share,
    status: await verbTime(world, 'status'),
    explain: await verbTime(world, 'explain', String(guestAt(world, 0).vmid)),
  }
}

function guestAt({ guests }: AnnouncingWorld, sample: number): AnnouncedGuest {
  const guest = guests[sample % guests.length]
  if (!guest) throw new Error('a node without guests is no use here')
  return guest
}

async function spentDuring(
  pid: number,
  act: () => Promise<unknown>,
): Promise<{ cpu: number; elapsed: number }> {
  const total = () => {
    const { itself, others } = cpuOf(pid)
    return itself + others
  }
  const [before, begun] = [total(), monotonicMs()]
  await act()
  return { cpu: total() - before, elapsed: monotonicMs() - begun }
}

/** From what the node's kernel tells of the port to what the router's kernel tells of the routes. */
async function timeOf(
  { first, routes, ports }: AnnouncingWorld,
  guest: AnnouncedGuest,
  what: 'plug' | 'unplug',
): Promise<number> {
  const { port } = guest
  const reached = routes.leadTo(addressesOf([guest]), what === 'plug' ? FIRST : undefined)
  if (what === 'unplug') await first.ip([`link del ${port}`])
  else {
    const crowd = new Namespace(first.lab, `${first.netns}-crowd`)
    await first.ip([
      `link add ${port} type veth peer name ${port} netns ${crowd.netns}`,
      `link set ${port} master ${BRIDGE} up`,
    ])
    await crowd.ip([`link set ${port} up`])
  }
  return (await reached) - (what === 'plug' ? await ports.upAt(port) : await ports.goneAt(port))
}

/** Gives a guest another address and then its own again. */
async function editTime({ tree, routes }: AnnouncingWorld, guest: AnnouncedGuest): Promise<number> {
  const begun = monotonicMs()
  const took = (await routes.leadTo([editAnnounced(tree, guest)], FIRST)) - begun
  await routes.leadTo([editAnnounced(tree, guest)], FIRST)
  return took
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
