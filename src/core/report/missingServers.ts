import type { ServerId } from '../dhcp/serverId.ts'
import type { Report } from './report.ts'

/** The Keas that NICs of a report need and that are not there at all. */
export function missingServers({ nics, servers }: Pick<Report, 'nics' | 'servers'>): ServerId[] {
  const wanted = new Set(nics.flatMap(({ server }) => server ?? []))
  for (const { server } of servers) if (server !== undefined) wanted.delete(server)
  return [...wanted]
}
