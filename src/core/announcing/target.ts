import type { Routing } from '../routing/routing.ts'
import type { Family } from '../values/family.ts'
import type { Announcement } from './announcement.ts'

/** All that a BIRD is told, as the text of files: equal texts, nothing to do. */
export interface BirdFiles {
  readonly config: string
  readonly guests4: string
  readonly guests6: string
}

/** What a BIRD should tell. */
export interface BirdTarget {
  /** Its configuration but for the guests, as text. */
  readonly config: string
  readonly announcements: readonly Announcement[]
  /** What BIRD announces by itself as soon as the port is up. */
  readonly standby: readonly Announcement[]
  /** All that it is to be told, written out: only where something of it changes. */
  readonly files: () => BirdFiles
}

/** What should be in the kernel, and what a BIRD should tell; no BIRD: none of guestnet's is wanted. */
export interface AnnounceTarget {
  readonly routing: Routing
  /** What guestnet makes the node forward; absent: that is left to the administrator. */
  readonly forwarding?: readonly Family[]
  readonly bird?: BirdTarget | undefined
}
