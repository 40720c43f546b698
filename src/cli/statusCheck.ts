import { isCritical, worstFirst } from '../core/problem/severity.ts'
import type { Report } from '../core/report/report.ts'
import { counted } from '../core/text/counted.ts'

/** Exit statuses of a monitoring plugin (Monitoring Plugins Development Guidelines). */
export const CHECK = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const

/** A report as monitoring reads it: one line with performance data, and the exit status. */
export function checkLine(report: Report): { line: string; exitCode: number } {
  const { problems } = report
  const [worst] = worstFirst(problems)
  const level = worst === undefined ? 'ok' : isCritical(worst) ? 'critical' : 'warning'
  const told =
    worst === undefined
      ? 'all is well'
      : `${counted(problems.length, 'problem')}: ${worst.message.replaceAll('|', '/')} [${worst.code}]`
  const data = Object.entries(countsOf(report)).map(([name, count]) => `${name}=${count}`)
  return {
    line: `GUESTNET ${level.toUpperCase()} - ${told.replaceAll(/\s+/g, ' ')} | ${data.join(' ')}`,
    exitCode: CHECK[level],
  }
}

function countsOf({ nics, problems, announcing }: Report): Record<string, number> {
  const count = (state: string) => nics.filter(nic => nic.state === state).length
  const peers = announcing?.peers ?? []
  return {
    problems: problems.length,
    critical: problems.filter(isCritical).length,
    served: count('served'),
    stopped: count('stopped'),
    pending: count('pending'),
    refused: count('refused'),
    announced: announcing?.announcements.length ?? 0,
    peers_up: peers.filter(({ isUp }) => isUp).length,
    peers_down: peers.filter(({ isUp }) => !isUp).length,
  }
}
