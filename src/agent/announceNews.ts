import { announcementKey } from '../core/announcing/announcement.ts'
import type { AnnouncementReport, AnnouncingReport } from '../core/report/announcing.ts'

/** That BIRD announced or withdrew something by itself. */
export interface AnnounceNews {
  readonly message: string
  readonly vmid: number
}

/** What BIRD did by itself between two looks because a guest's port came or went: no change of the agent's tells of it. Pure. */
export function announceNews(
  before: AnnouncingReport | undefined,
  after: AnnouncingReport | undefined,
): AnnounceNews[] {
  if (!before || !after) return []
  const [known, now] = [portsOf(before), portsOf(after)]
  return [
    ...toldOf(after, without(known, now)).map(([{ prefix, vmid }, port]) => ({
      message: `BIRD announces ${prefix} for guest ${vmid}: ${port} is up`,
      vmid,
    })),
    ...toldOf(before, without(now, known)).map(([{ prefix, vmid }, port]) => ({
      message: `BIRD has withdrawn ${prefix} of guest ${vmid}: ${port} is gone`,
      vmid,
    })),
  ]
}

/** What BIRD was told of these, with the port that each waits for. */
function toldOf(
  { announcements }: AnnouncingReport,
  ports: ReadonlyMap<string, string>,
): (readonly [AnnouncementReport, string])[] {
  // There may be ten thousand announcements, and mostly none of them has to do with it.
  if (ports.size === 0) return []
  return announcements.flatMap(entry => {
    const port = entry.told === true ? ports.get(announcementKey(entry)) : undefined
    return port === undefined ? [] : [[entry, port] as const]
  })
}

/** What is on standby is not announced, so what still is, is no news. */
function without(
  ports: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string>,
): Map<string, string> {
  return new Map([...ports].filter(([key]) => !others.has(key)))
}

/** The ports that announcements on standby wait for. */
function portsOf({ standby }: AnnouncingReport): Map<string, string> {
  return new Map(standby.map(entry => [announcementKey(entry), entry.port]))
}
