import type { Announcement } from '../core/announcing/announcement.ts'
import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { renderConfig } from './config.ts'
import { readGuests, renderGuests } from './guests.ts'
import type { BirdPaths } from './paths.ts'

/** What was written out last, and as what. */
let last: { readonly files: BirdFiles; readonly announcements: readonly Announcement[] } | undefined

export function renderFiles(
  settings: BirdSettings,
  announcements: readonly Announcement[],
  paths: BirdPaths,
): BirdFiles {
  const files = {
    config: renderConfig(settings, paths),
    guests4: renderGuests(announcements, 'ipv4', settings),
    guests6: renderGuests(announcements, 'ipv6', settings),
  }
  last = { files, announcements }
  return files
}

/** What is announced by these files; what this process wrote is not read. */
export function announcementsOf({ guests4, guests6 }: BirdFiles): readonly Announcement[] {
  if (last?.files.guests4 === guests4 && last.files.guests6 === guests6) return last.announcements
  return readBoth(guests4, guests6)
}

const readBoth = memoOfLast((guests4: string, guests6: string) => [guests4, guests6].flatMap(readGuests))
