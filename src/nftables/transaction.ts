import type { Change } from '../core/change.ts'
import type { Outcome } from '../os/program.ts'

/** How changes went: as one, or one by one, with the reason of each that failed. */
export interface Applied<One extends Change> {
  readonly asOne: boolean
  readonly failures: ReadonlyMap<One, string>
}

/**
 * Carries out changes in one transaction; if that fails, each in one of its own: a link that vanishes meanwhile fails a whole
 * transaction on kernel 6.12.
 */
export async function applyAsOne<One extends Change>(
  changes: readonly One[],
  transact: (changes: readonly One[]) => Promise<Outcome>,
): Promise<Applied<One>> {
  const failures = new Map<One, string>()
  const whole = await transact(changes)
  if (whole.ok) return { asOne: true, failures }
  for (const change of changes) {
    const single = changes.length === 1 ? whole : await transact([change])
    if (!single.ok) failures.set(change, single.reason)
  }
  return { asOne: false, failures }
}
