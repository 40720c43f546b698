import { type AnnouncingReport, withExports } from '../core/report/announcing.ts'
import { type Report, withLeases, withRequests } from '../core/report/report.ts'
import type { Prefix } from '../core/values/address.ts'
import type { Drivers } from './drivers.ts'

/** The report with what only those can tell who do the work: leases, requests counted, sessions, what each peer is told. */
export async function completeReport(report: Report, { keas, ports, bird }: Drivers): Promise<Report> {
  const [leases, { chains }, announcing] = await Promise.all([
    Promise.all(report.servers.map(({ slot }) => keas.leases(slot))),
    ports.list(),
    report.announcing && completeAnnouncing(report.announcing, bird),
  ])
  const complete = withRequests(withLeases(report, leases.flat()), chains)
  return announcing ? { ...complete, announcing } : complete
}

/** Sessions come up and go down without ringing, so BIRD is asked anew. */
async function completeAnnouncing(
  report: AnnouncingReport,
  bird: Drivers['bird'],
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
