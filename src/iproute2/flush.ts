import { run } from '../os/program.ts'

/** Removes the routes of one protocol from one table, both families. Returns why something is left. */
export async function flushProtocol(table: number, protocol: number): Promise<string | undefined> {
  const outcomes = await Promise.all(
    ['-4', '-6'].map(family =>
      run('ip', [family, 'route', 'flush', 'table', String(table), 'proto', String(protocol)]),
    ),
  )
  const reasons = outcomes.flatMap(outcome =>
    // A table exists from its first route on.
    outcome.ok || outcome.stderr.includes('FIB table does not exist') ? [] : [outcome.reason],
  )
  return reasons[0]
}
