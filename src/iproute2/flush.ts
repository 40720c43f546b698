import { DONE, type Result, together } from '../core/values/result.ts'
import { run } from '../os/program.ts'

/** Removes the routes of one protocol from one table, both families. */
export async function flushProtocol(table: number, protocol: number): Promise<Result> {
  const outcomes = await Promise.all(
    ['-4', '-6'].map(family =>
      run('ip', [family, 'route', 'flush', 'table', String(table), 'proto', String(protocol)]),
    ),
  )
  return together(
    // A table exists from its first route on.
    outcomes.map(outcome =>
      !outcome.ok && outcome.stderr.includes('FIB table does not exist') ? DONE : outcome,
    ),
  )
}
