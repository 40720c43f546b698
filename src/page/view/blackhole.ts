import type { Report } from '../../core/report/report.ts'
import { utc } from '../../core/text/utc.ts'

/** A prefix of a guest that routers are asked to drop. */
export interface Blackhole {
  readonly prefix: string
  readonly vmid: number
  /** Milliseconds since 1970. */
  readonly until: number
}

export function blackholesIn({ announcing }: Pick<Report, 'announcing'>): Blackhole[] {
  return (announcing?.announcements ?? []).flatMap(({ prefix, vmid, blackhole: until }) =>
    until === undefined ? [] : [{ prefix, vmid, until }],
  )
}

export function describeBlackhole({ prefix, vmid, until }: Blackhole): string {
  return `Black hole: what is sent to ${prefix} of guest ${vmid} is dropped until ${utc(until)}.`
}
