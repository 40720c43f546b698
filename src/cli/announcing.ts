import type { AnnouncementReport, AnnouncingReport } from '../core/report/announcing.ts'
import { shown } from '../core/text/escape.ts'
import { table } from './table.ts'

/** What is announced, for people. */
export function describeAnnouncing(report: AnnouncingReport): string[] {
  const bird =
    report.bird &&
    `BIRD: ${report.bird.state}${report.bird.pid === undefined ? '' : `, process ${report.bird.pid}`}`
  const peers = report.peers.map(({ peer, bgpState, since, neighbour, error }) =>
    shown([`peer ${peer}: ${bgpState}`, `since ${since}`, neighbour, error].filter(Boolean).join(', ')),
  )
  const rows = report.announcements.map(rowOf)
  return [
    `announcing through table ${report.table}${report.rules ? '' : ', RULES MISSING'}${DRAINED[report.drained]}`,
    bird ?? 'BGP: by your own daemon',
    ...peers,
    ...(rows.length === 0 ? [] : ['', table([['PREFIX', 'GUEST', 'DEVICE', 'KERNEL', 'BGP'], ...rows])]),
  ]
}

const DRAINED = {
  no: '',
  leaving: ', LEAVING: peers are asked to prefer other paths',
  left: ', DRAINED: nothing is announced (guestnet undrain)',
} as const satisfies Record<AnnouncingReport['drained'], string>

function rowOf({ prefix, vmid, device, route, neighbour, told, exportedTo }: AnnouncementReport): string[] {
  const kernel = route && neighbour ? 'good' : route ? 'no neighbour' : 'no route'
  const peers = exportedTo && (exportedTo.length === 0 ? 'no peer' : `to ${exportedTo.join(', ')}`)
  return [prefix, String(vmid), device, kernel, told === false ? 'not told' : (peers ?? '-')]
}
