import { announcementKey } from '../core/announcing/announcement.ts'
import type { AnnouncingReport } from '../core/report/announcing.ts'

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
  if (!before || !after || before.standby.length + after.standby.length === 0) return []
  const portOf = portsOf(before)
  const portAfter = portsOf(after)
  return [
    ...after.announcements.flatMap(({ prefix, vmid, told }) => {
      const port = told === true ? portOf.get(announcementKey({ prefix, vmid })) : undefined
      return port === undefined
        ? []
        : [{ message: `BIRD announces ${prefix} for guest ${vmid}: ${port} is up`, vmid }]
    }),
    ...before.announcements.flatMap(({ prefix, vmid, told }) => {
      const port = told === true ? portAfter.get(announcementKey({ prefix, vmid })) : undefined
      return port === undefined
        ? []
        : [{ message: `BIRD has withdrawn ${prefix} of guest ${vmid}: ${port} is gone`, vmid }]
    }),
  ]
}

/** The ports that announcements on standby wait for. */
function portsOf({ standby }: AnnouncingReport): Map<string, string> {
  return new Map(standby.map(entry => [announcementKey(entry), entry.port]))
}
