import type { Problem } from '../core/problem/problem.ts'
import { type AnnouncingReport, withExports } from '../core/report/announcing.ts'
import { type Report, withLeases, withRequests } from '../core/report/report.ts'
import type { Prefix } from '../core/values/address.ts'
import type { Drivers } from './drivers.ts'

/** The report with what only those can tell who do the work: leases, requests counted, sessions, what each peer is told. */
export async function completeReport(report: Report, { keas, ports, daemon }: Drivers): Promise<Report> {
  const [leases, { chains }, announcing] = await Promise.all([
    keas.leases(report.servers.map(({ slot }) => slot)).catch(leasesUnknown),
    ports.list(),
    report.announcing && completeAnnouncing(report.announcing, daemon),
  ])
  const complete = withRequests(Array.isArray(leases) ? withLeases(report, leases) : report, chains)
  return {
    ...complete,
    ...(announcing && { announcing }),
    ...(!Array.isArray(leases) && { problems: [...complete.problems, leases] }),
  }
}

/** Not the same as that nobody has leased anything. */
function leasesUnknown(error: unknown): Problem {
  return {
    code: 'leases-unknown',
    message: `What guests have leased is not known: a Kea could not be asked (${error instanceof Error ? error.message : String(error)}).`,
    remedy: 'Ask again in a moment; if it persists, run guestnet doctor.',
  }
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
