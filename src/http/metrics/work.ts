import { Counter, Histogram, type Registry } from 'prom-client'
import type { Outlook, Run } from '../../agent/outlook.ts'
import { DRIVER_OF } from '../../core/driver.ts'
import { DROP_REASONS, type DropReason } from '../../core/guard/drop.ts'
import type { NicReport } from '../../core/report/nicRow.ts'
import type { Report } from '../../core/report/report.ts'
import { memoOf } from '../../core/values/memo.ts'
import { Growth } from './growth.ts'

/** Seconds. A guest's start takes milliseconds, another Kea under a second, and what is tried again up to ten. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Counts what the agent does, as it happens. */
export function countWork(outlook: Outlook, registry: Registry): void {
  const common = { registers: [registry] }
  const duration = new Histogram({
    ...common,
    name: 'guestnet_look_duration_seconds',
    help: 'How long a run of the line took: read, observe, decide, apply.',
    buckets: BUCKETS,
  })
  const applied = new Histogram({
    ...common,
    name: 'guestnet_event_to_applied_seconds',
    help: 'From the first event that rang to all changes it led to being applied; runs that changed nothing do not count.',
    buckets: BUCKETS,
  })
  const changes = new Counter({
    ...common,
    name: 'guestnet_changes_total',
    help: 'Changes that were tried, by the part of the node; result: applied, failed.',
    labelNames: ['part', 'result'] as const,
  })
  const failures = new Counter({
    ...common,
    name: 'guestnet_run_failures_total',
    help: 'Runs of the line that came to nothing, as when a program did not work.',
  })
  const requests = new Counter({
    ...common,
    name: 'guestnet_dhcp_requests_total',
    help: 'DHCP messages taken at the ports of guests.',
    collect: () => outlook.readCounters(),
  })
  const dropped = new Counter({
    ...common,
    name: 'guestnet_dhcp_dropped_total',
    help: 'DHCP messages that guests sent too fast, dropped at their ports.',
  })
  const guarded = new Counter({
    ...common,
    name: 'guestnet_guard_dropped_total',
    help: "Frames of guests that are not their own, by what they are: dropped, or in the guard's mode report only counted.",
    labelNames: ['reason'] as const,
  })
  outlook.on('run', run => {
    duration.observe((run.endedAt - run.beganAt) / 1000)
    if (run.applied.length > 0) applied.observe((run.endedAt - run.rangAt) / 1000)
    countChanges(changes, run)
  })
  outlook.on('failure', () => failures.inc())
  const growth = { requests: new Growth(), dropped: new Growth() }
  const guardGrowth = new Map(DROP_REASONS.map(reason => [reason, new Growth()]))
  outlook.on('look', () => {
    if (!outlook.report) return
    requests.inc(growth.requests.take(perPort(outlook.report, 'requests')))
    dropped.inc(growth.dropped.take(perPort(outlook.report, 'dropped')))
    for (const [reason, grown] of guardGrowth)
      guarded.inc({ reason }, grown.take(drops(outlook.report, reason)))
  })
}

function countChanges(changes: Counter<'part' | 'result'>, { applied }: Run): void {
  for (const { change, failure } of applied)
    changes.inc({ part: DRIVER_OF[change.kind], result: failure === undefined ? 'applied' : 'failed' })
}

/** Rows are the same while they say the same. */
const keyOfRow = memoOf(({ vmid, nic, family }: NicReport) => `${vmid} ${nic} ${family}`)

function perPort({ nics }: Report, what: 'requests' | 'dropped'): [string, number][] {
  return nics.flatMap(row => {
    // One that is at 0 has not grown, and grows from there.
    const count = row[what] ?? 0
    return count === 0 ? [] : [[keyOfRow(row), count] as [string, number]]
  })
}

function drops({ guard }: Report, reason: DropReason): [string, number][] {
  return (guard?.ports ?? []).map(({ link, drops }) => [
    link,
    drops.find(drop => drop.reason === reason)?.packets ?? 0,
  ])
}
