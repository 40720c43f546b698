import type { Observation } from '../core/observation.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { Reading } from '../core/reading.ts'
import { withSolicitations } from '../core/report/advertising.ts'
import { type AnnouncingReport, withExports } from '../core/report/announcing.ts'
import { withDrops } from '../core/report/guarding.ts'
import { type Surroundings, withHealth } from '../core/report/health.ts'
import { type Report, slotsOf, withLeases, withRequests, withServers } from '../core/report/report.ts'
import { forwardedFamilies } from '../core/routing/forwarding.ts'
import type { Prefix } from '../core/values/address.ts'
import { errorText } from '../os/errorText.ts'
import type { Drivers } from './drivers.ts'

/** A report, and what it was made from. */
export interface Looked {
  readonly report: Report
  readonly reading: Reading
  readonly observation: Observation
}

/** What the parts of a report are judged by. */
export function surroundingsOf(
  { reading, observation }: Looked,
  downSince?: Surroundings['downSince'],
): Surroundings {
  return { ...reading, links: observation.links, ...(downSince && { downSince }) }
}

/**
 * The report with what only those can tell who do the work: leases, requests counted, sessions, what each peer is told; and
 * with what is wrong with them.
 */
export async function completeReport(
  looked: Looked,
  { keas, preparations, ports, guard, advertiser: advertisers, daemon, forwarding }: Drivers,
  downSince?: Surroundings['downSince'],
): Promise<Report> {
  const { report, reading } = looked
  const { starting } = await preparations.observe()
  const [leases, table, running, drops, advertiser, announcing] = await Promise.all([
    keas.leases(slotsOf(report)).catch(leasesUnknown),
    ports.list(),
    keas.observe(new Set(starting.keys())),
    report.guard && guard.drops(),
    advertisers.observe(),
    report.announcing && completeAnnouncing(report.announcing, daemon),
  ])
  const told = withServers(report, running)
  const complete = withRequests(Array.isArray(leases) ? withLeases(told, leases) : told, table.chains)
  return withHealth(
    {
      ...complete,
      ...(report.guard && drops && { guard: withDrops(report.guard, drops) }),
      ...(report.advertising && {
        advertising: withSolicitations(report.advertising, advertiser, table),
      }),
      ...(announcing && {
        announcing: { ...announcing, notForwarded: notForwarded(reading, forwarding.families()) },
      }),
      ...(!Array.isArray(leases) && { problems: [...complete.problems, leases] }),
    },
    surroundingsOf(looked, downSince),
  )
}

/** Not the same as that nobody has leased anything. */
function leasesUnknown(error: unknown): Problem {
  return {
    code: 'leases-unknown',
    message: `What guests have leased is not known: a Kea could not be asked (${errorText(error)}).`,
    remedy: 'Ask again in a moment; if it persists, run guestnet doctor.',
  }
}

/** A setting is changed without ringing. */
function notForwarded({ policy }: Reading, families: ReadonlySet<string>) {
  return forwardedFamilies(policy.announce?.networks ?? []).filter(family => !families.has(family))
}

/** Sessions come up and go down without ringing, so BIRD is asked anew. */
async function completeAnnouncing(
  report: AnnouncingReport,
  bird: Drivers['daemon'],
): Promise<AnnouncingReport> {
  if (!report.bird) return report
  const now = await bird.observe()
  if (now.state !== 'running') return { ...report, bird: now, peers: [] }
  const up = now.peers.filter(({ isUp }) => isUp)
  const current = { ...report, bird: { state: now.state, pid: now.pid }, peers: now.peers }
  try {
    const sets = await Promise.all(up.map(({ protocol }) => bird.exportedTo(protocol)))
    return withExports(
      current,
      new Map(up.map(({ peer }, index) => [peer, sets[index] ?? new Set<Prefix>()])),
    )
  } catch {
    // BIRD ended meanwhile: the next look tells.
    return current
  }
}
