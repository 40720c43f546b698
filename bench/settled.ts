import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../lab/eventually.ts'
import type { LabNode } from '../lab/node.ts'

/** Milliseconds without a run of the line, after which none is to be expected before the full look each minute. */
const QUIET_MS = 5000

/** Waits until the agent of a node has nothing left to do: neither Keas to start nor anything to try again. */
export async function untilSettled(node: LabNode): Promise<void> {
  let [runs, since] = ['', performance.now()]
  await eventually(
    `the agent of ${node.name} is settled`,
    async () => {
      const now = await runsOf(node)
      if (now !== runs) [runs, since] = [now, performance.now()]
      return performance.now() - since > QUIET_MS
    },
    { timeoutMs: 120_000, everyMs: 250 },
  )
}

/** Milliseconds after which V8 has given back what it took while there was much to do. */
const TIDY_MS = 12_000

/**
 * Waits until the agent of a node is settled, has looked at everything once more, and V8 has tidied up after that: then there are some
 * 45 seconds in which it costs what it costs while nothing happens, and nothing else.
 */
export async function untilIdle(node: LabNode): Promise<void> {
  await untilSettled(node)
  const runs = await runsOf(node)
  await eventually(
    `the agent of ${node.name} looks at everything`,
    async () => (await runsOf(node)) !== runs,
    { timeoutMs: 120_000, everyMs: 250 },
  )
  await pause(TIDY_MS)
}

/** How many runs of the line the agent has ended, as its metrics tell: a scrape costs no look. */
async function runsOf(node: LabNode): Promise<string> {
  const text = await node.run('curl', ['-sS', '--max-time', '5', 'http://127.0.0.1:8067/metrics'])
  const [, runs] = /^guestnet_look_duration_seconds_count (\d+)$/m.exec(text) ?? []
  if (runs === undefined) throw new Error(`no run of the line is told of:\n${text.slice(0, 500)}`)
  return runs
}
