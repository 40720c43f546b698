import type { Change } from '../core/change.ts'
import { type Parts, partsOf } from '../core/dhcp/needs.ts'
import {
  AFTER,
  type ApplyContext,
  DRIVER_OF,
  type Driver,
  type DriverName,
  type DriverSet,
} from '../core/driver.ts'
import { isUnguarded } from '../core/unguarded.ts'
import { groupBy } from '../core/values/collection.ts'

/** A change that was tried; `failure` says why it did not come about. */
export interface Applied {
  readonly change: Change
  readonly failure?: string
}

/**
 * Carries changes out; returns them in their order, one of which only a part could be tried as its parts. Each driver begins when those it comes after are done. What depends on
 * something that failed is left for later; everything else goes on.
 */
export async function apply(
  drivers: DriverSet,
  changes: readonly Change[],
  context: ApplyContext,
): Promise<Applied[]> {
  const failures = new Map<Change, string>()
  const tried = new Map<Change, Change[]>()
  const byDriver = groupBy(changes, ({ kind }) => DRIVER_OF[kind])
  const underWay = new Map<DriverName, Promise<void>>()
  const applyAll = (name: DriverName): Promise<void> => {
    const known = underWay.get(name)
    if (known) return known
    const work = applyOwn(name)
    underWay.set(name, work)
    return work
  }
  const applyOwn = async (name: DriverName) => {
    await Promise.all(AFTER[name].map(applyAll))
    const possible: Change[] = []
    for (const change of byDriver.get(name) ?? []) {
      const parts = possibleParts(change, [...failures.keys()], context)
      if (parts.possible) possible.push(parts.possible)
      if (parts.impossible) failures.set(parts.impossible.change, parts.impossible.reason)
      tried.set(
        change,
        [parts.possible, parts.impossible?.change].flatMap(part => part ?? []),
      )
    }
    if (possible.length === 0) return
    // The compiler does not see that the changes were chosen by the driver's name.
    const driver = drivers[name] as Driver<DriverName, unknown, never>
    for (const [change, reason] of await driver.apply(possible, context)) failures.set(change, reason)
  }
  await Promise.all((Object.keys(AFTER) as DriverName[]).map(applyAll))
  return changes
    .flatMap(change => tried.get(change) ?? [change])
    .map(change => {
      const failure = failures.get(change)
      return failure === undefined ? { change } : { change, failure }
    })
}

function possibleParts(
  change: Change,
  failed: readonly Change[],
  { target, before }: ApplyContext,
): Parts<Change> {
  if (!isUnguarded(change, failed, target.guard)) return partsOf(change, failed, before)
  return { impossible: { change, reason: 'its port could not be guarded first' } }
}
