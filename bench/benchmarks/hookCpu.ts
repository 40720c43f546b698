import { guestnet, inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { type AnnouncingWorld, announcing } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { cpuOfEnded } from '../processes.ts'
import { rounded } from '../statistics.ts'

/** What the hook takes, which starts of guests wait for; the command alone, not what the agent does for it. */
export const hookCpu: Benchmark<AnnouncingWorld> = {
  name: 'hook-cpu',
  measures: 'CPU of guestnet hook VMID post-start for a guest that is served and announced, mean of 20',
  unit: 'ms',
  guestnet: world => announcing(world, () => measure(world)),
}

const SAMPLES = 20

async function measure({ first, guests }: AnnouncingWorld): Promise<Measurement> {
  const vmid = `${guests[0]?.vmid}`
  const hook = () => inText(first, ['hook', vmid, 'post-start'])
  // The agent has just begun, and has much to do.
  await eventually(
    'the hook is answered in time',
    async () => (await hook()).stdout.includes(`announced ${guests[0]?.ipv4}`),
    { timeoutMs: 60_000 },
  )
  const value = await cpuOfRuns(hook)
  return {
    value,
    notes: [
      `status ${rounded(await cpuOfRuns(() => guestnet(first, 'status')))}`,
      `status --check ${rounded(await cpuOfRuns(() => inText(first, ['status', '--check'])))}`,
      `explain ${rounded(await cpuOfRuns(() => guestnet(first, 'explain', vmid)))}`,
      `Node.js alone ${rounded(await cpuOfRuns(() => nodeAlone(first)))} ms`,
    ],
  }
}

function nodeAlone(node: LabNode) {
  return node.attempt(process.execPath, ['--eval', '0'])
}

/** Milliseconds of each: nothing else that this process started ends meanwhile. */
async function cpuOfRuns(run: () => Promise<unknown>): Promise<number> {
  const before = cpuOfEnded(process.pid)
  for (let sample = 0; sample < SAMPLES; sample++) await run()
  return (cpuOfEnded(process.pid) - before) / SAMPLES
}
