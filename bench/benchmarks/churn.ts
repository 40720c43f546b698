import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { everyoneOffered } from '../offers.ts'
import { familyOf, memoryOf } from '../processes.ts'
import { progress } from '../progress.ts'
import { agentWith, serving } from '../service.ts'
import { percentile, rounded, sum } from '../statistics.ts'
import type { World } from '../world.ts'

/** Guests are edited, started and stopped without a pause; what the agent and all it started has must not become more. */
export const churn: Benchmark<World> = {
  name: 'churn',
  measures:
    'memory that all that runs has more at the end of a long time of changes than at its beginning, PSS',
  unit: 'MB',
  bar: 10,
  isLong: true,
  guestnet: world => serving(agentWith(), world, ({ pid }) => measure(world, pid)),
}

/** What there is at a moment. */
interface Sample {
  /** MB, PSS. */
  readonly memory: number
  readonly processes: number
  /** Open files of all processes. */
  readonly descriptors: number
  /** Folders of Keas. */
  readonly slots: number
  readonly namespaces: number
}

const EVERY_MS = 5000
/** Between two changes: about as many as a node with a deployment going on has. */
const PAUSE_MS = 250
/** Of the time, at its beginning: what is needed once is there then. */
const WARM_UP = 0.2

async function measure(world: World, pid: number): Promise<Measurement> {
  await everyoneOffered(world)
  const end = performance.now() + world.churnMinutes * 60_000
  const warm = performance.now() + WARM_UP * world.churnMinutes * 60_000
  const samples: Sample[] = []
  let changes = 0
  let next = performance.now()
  while (performance.now() < end) {
    await change(world, changes++)
    await pause(PAUSE_MS)
    if (performance.now() < next) continue
    next = performance.now() + EVERY_MS
    const sample = await sampleOf(world, pid)
    if (performance.now() > warm) samples.push(sample)
    if (samples.length % 12 === 0) progress(`  after ${changes} changes: ${describe(sample)}`)
  }
  return grown(samples, changes)
}

/** In turn: an edit, an edit of another, a guest that stops and starts. */
async function change(world: World, count: number): Promise<void> {
  const { running, node } = world
  // A step that shares no factor with their number comes to each of them.
  const vmid = running[(count * 7) % running.length] ?? 0
  if (count % 3 < 2) {
    world.editAddress(vmid)
    return
  }
  await node.stop(vmid)
  await node.start(vmid)
}

async function sampleOf({ node }: World, pid: number): Promise<Sample> {
  const family = familyOf(pid)
  const alive = family.filter(isReadable)
  return {
    memory: sum(alive.map(pssOf)),
    processes: alive.length,
    descriptors: alive.flatMap(member => list(`/proc/${member}/fd`)).length,
    slots: list(join(node.runDir, 'kea')).length,
    namespaces: (await node.run('ip', ['netns', 'list'])).split('\n').filter(Boolean).length,
  }
}

/** 0 if it has ended meanwhile. */
function pssOf(pid: number): number {
  try {
    return memoryOf([pid]).pss
  } catch {
    return 0
  }
}

function isReadable(pid: number): boolean {
  return list(`/proc/${pid}/fd`).length > 0
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // It has ended.
    return []
  }
}

/** From the first quarter of what was seen to the last, each by its median: a process that is just being replaced counts twice. */
function grown(samples: readonly Sample[], changes: number): Measurement {
  const quarter = Math.ceil(samples.length / 4)
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)]
  const median = (some: readonly Sample[], of: keyof Sample) =>
    percentile(
      some.map(sample => sample[of]),
      0.5,
    )
  const counts = (['processes', 'descriptors', 'slots', 'namespaces'] as const).map(of => {
    const all = samples.map(sample => sample[of])
    return `${of} ${median(first, of)} → ${median(last, of)}, at most ${Math.max(...all)}`
  })
  const [before, after] = [median(first, 'memory'), median(last, 'memory')]
  return {
    value: after - before,
    notes: [`${changes} changes`, `memory ${rounded(before)} → ${rounded(after)} MB`, ...counts],
  }
}

function describe({ memory, processes, descriptors, slots, namespaces }: Sample): string {
  return `${rounded(memory)} MB, ${processes} processes, ${descriptors} descriptors, ${slots} slots, ${namespaces} namespaces`
}
