import type { Announcement } from '../core/announcing/announcement.ts'
import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { renderConfig } from './config.ts'
import { readGuests, renderGuests } from './guests.ts'
import type { BirdPaths } from './paths.ts'

export function renderFiles(
  settings: BirdSettings,
  announcements: readonly Announcement[],
  paths: BirdPaths,
): BirdFiles {
  return {
    config: renderConfig(settings, paths),
    guests4: renderGuests(announcements, 'ipv4', settings),
    guests6: renderGuests(announcements, 'ipv6', settings),
  }
}

/** What is announced by these files; read once while they say the same. */
export function announcementsOf({ guests4, guests6 }: BirdFiles): readonly Announcement[] {
  return readBoth(guests4, guests6)
}

const readBoth = memoOfLast((guests4: string, guests6: string) => [guests4, guests6].flatMap(readGuests))
