import type { Change } from '../change.ts'
import type { Drop, Strictness } from '../guard/drop.ts'
import type { GuardTable } from '../guard/observation.ts'
import type { GuardedNic, GuardIntent } from '../guard/target.ts'

/** How guests' ports are guarded. Absent in a report: they are not. */
export interface GuardReport {
  readonly mode: 'report' | 'on'
  readonly ports: readonly GuardedPortReport[]
}

/** A guest's port. `pending`: it is not guarded yet. */
export interface GuardedPortReport extends Omit<GuardedNic, 'strictness'>, Strictness {
  readonly state: 'guarded' | 'pending'
  /** What was dropped since it is guarded, or would be. */
  readonly drops: readonly Drop[]
}

/** `open`: what is about to be, or could not be, put right. */
export function reportGuard(
  { mode, nics }: GuardIntent,
  { drops }: GuardTable,
  open: readonly Change[],
): GuardReport | undefined {
  if (mode === 'off') return undefined
  const isAnew = open.some(({ kind }) => kind === 'guard-create')
  const pending = new Set(open.flatMap(change => (change.kind === 'guard-port' ? [change.link] : [])))
  const ports = nics.map(
    ({ strictness, ...nic }): GuardedPortReport => ({
      ...nic,
      ...strictness,
      state: isAnew || pending.has(nic.link) ? 'pending' : 'guarded',
      drops: drops.get(nic.link) ?? [],
    }),
  )
  return { mode, ports: ports.toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic) }
}

/** The report with what was dropped until now. */
export function withDrops(report: GuardReport, drops: GuardTable['drops']): GuardReport {
  return {
    ...report,
    ports: report.ports.map(port => ({ ...port, drops: drops.get(port.link) ?? [] })),
  }
}
