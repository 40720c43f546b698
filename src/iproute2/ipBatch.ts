import { run } from '../os/program.ts'
import type { Batch } from './routingRender.ts'

const OPTIONS = { any: [], ipv6: ['-6'] } as const satisfies Record<Batch, string[]>

/** What failed of a batch, by the number of its line from 0, with the reason. */
export type LineFailures = ReadonlyMap<number, string>

/** Carries out lines in their order. */
export type RunBatch = (batch: Batch, lines: readonly string[]) => Promise<LineFailures>

/**
 * Carries out lines of `ip -batch -force`, ip(8), in one process; a line that fails stops no other. On a line that it does
 * not understand `ip` gives up all the same, and does not say which it was: then each half is tried by itself, which lines
 * that were carried out before have to bear.
 */
export const runBatch: RunBatch = async (batch, lines) => {
  if (lines.length === 0) return new Map()
  const whole = await execute(batch, lines)
  if (whole.ok) return new Map()
  const { failures, rest } = parseBatchErrors(whole.stderr)
  if (failures.size > 0 && rest === '') return failures
  // A process that says nothing has not been understood wrongly: it hung, or is not there.
  if (rest !== '' && lines.length > 1) return await runHalves(batch, lines)
  return new Map(lines.map((_, number) => [number, rest || whole.reason]))
}

async function runHalves(batch: Batch, lines: readonly string[]): Promise<LineFailures> {
  const middle = Math.ceil(lines.length / 2)
  const first = await runBatch(batch, lines.slice(0, middle))
  const second = await runBatch(batch, lines.slice(middle))
  return new Map([...first, ...[...second].map(([number, reason]) => [number + middle, reason] as const)])
}

function execute(batch: Batch, lines: readonly string[]) {
  const input = `${lines.join('\n')}\n`
  return run('ip', [...OPTIONS[batch], '-force', '-batch', '-'], { input })
}

/** Reads what `ip -force -batch -` says of failures; `rest` is what it said of no line. */
export function parseBatchErrors(stderr: string): { failures: LineFailures; rest: string } {
  const failures = new Map<number, string>()
  let said: string[] = []
  for (const text of stderr.split('\n')) {
    const [, number] = /^Command failed -:([0-9]+)$/.exec(text) ?? []
    if (number === undefined) said.push(text)
    else {
      failures.set(Number(number) - 1, said.join(' ').trim())
      said = []
    }
  }
  return { failures, rest: said.join(' ').trim() }
}
