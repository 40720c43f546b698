import type { Family } from '../core/routing.ts'
import { run } from '../os/program.ts'

/** What failed of a batch, by the number of its line from 0, with the reason. */
export type LineFailures = ReadonlyMap<number, string>

/**
 * Carries out lines of `ip -batch -force`, ip(8), in one process; a line that fails stops no other. On a line that it does
 * not understand `ip` gives up all the same, without a word of which: then each is tried by itself, which those that were
 * carried out bear.
 */
export async function runBatch(family: Family, lines: readonly string[]): Promise<LineFailures> {
  if (lines.length === 0) return new Map()
  const whole = await batch(family, lines)
  if (whole.ok) return new Map()
  const { failures, rest } = parseBatchErrors(whole.stderr)
  const hasFinished = failures.size > 0 && rest === ''
  if (hasFinished) return failures
  const canDivide = lines.length > 1 && rest !== ''
  return canDivide
    ? await runSingly(family, lines)
    : new Map(lines.map((_, number) => [number, rest || whole.reason]))
}

async function runSingly(family: Family, lines: readonly string[]): Promise<LineFailures> {
  const failures = new Map<number, string>()
  for (const [number, text] of lines.entries()) {
    const reason = (await runBatch(family, [text])).get(0)
    if (reason !== undefined) failures.set(number, reason)
  }
  return failures
}

function batch(family: Family, lines: readonly string[]) {
  const input = `${lines.join('\n')}\n`
  return run('ip', [family === 'ipv4' ? '-4' : '-6', '-force', '-batch', '-'], { input })
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
