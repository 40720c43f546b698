import type { AnnouncementReport, AnnouncingReport } from '../core/report/announcing.ts'
import { counted } from '../core/text/counted.ts'
import { shown } from '../core/text/escape.ts'
import { utc } from '../core/text/utc.ts'

/** What is announced, in a few lines for people. */
export function describeAnnouncing(report: AnnouncingReport): string[] {
  const { refusal, announcements, standby, table, rules, drained, bird } = report
  if (refusal && drained !== 'left') return [`NOTHING is announced: ${refusal.message}`]
  const prefixes = counted(announcements.length, 'prefix', 'prefixes')
  return [
    `${prefixes} through table ${table}${rules ? '' : ', RULES MISSING'}`,
    ...(standby.length === 0
      ? []
      : [`${standby.length} on standby: BIRD announces them when their guests start`]),
    ...DRAINED[drained],
    ...announcements.flatMap(describeBlackhole),
    bird ? describeBird(bird) : "by your own daemon: guestnet's part is the kernel",
    ...report.peers.map(({ peer, isUp, bgpState, neighbour }) =>
      shown([`peer ${peer}`, isUp ? 'up' : `DOWN (${bgpState})`, neighbour].filter(Boolean).join(', ')),
    ),
  ]
}

function describeBlackhole({ prefix, vmid, blackhole }: AnnouncementReport): string[] {
  if (blackhole === undefined) return []
  return [`BLACK HOLE: ${prefix} of guest ${vmid}, until ${utc(blackhole)}`]
}

function describeBird({ state, pid }: NonNullable<AnnouncingReport['bird']>): string {
  return `${STATE_OF_BIRD[state]}${pid === undefined ? '' : `, process ${pid}`}`
}

const STATE_OF_BIRD = {
  running: 'BIRD answers',
  silent: 'BIRD DOES NOT ANSWER',
  absent: 'BIRD IS NOT RUNNING',
} as const

const DRAINED = {
  no: [],
  leaving: ['LEAVING: peers are asked to prefer other paths'],
  left: ['DRAINED: nothing is announced (guestnet undrain)'],
} as const satisfies Record<AnnouncingReport['drained'], readonly string[]>

/** Announcements as rows of a table, its head first. */
export function describeAnnouncements(announcements: readonly AnnouncementReport[]): string[][] {
  return [['PREFIX', 'GUEST', 'DEVICE', 'KERNEL', 'BGP'], ...announcements.map(rowOf)]
}

function rowOf({ prefix, vmid, device, route, neighbour, told, exportedTo }: AnnouncementReport): string[] {
  const kernel = route && neighbour ? 'good' : route ? 'NO NEIGHBOUR' : 'NO ROUTE'
  const peers = exportedTo && (exportedTo.length === 0 ? 'no peer' : `to ${exportedTo.join(', ')}`)
  return [prefix, String(vmid), device, kernel, told === false ? 'NOT TOLD' : (peers ?? '-')]
}
