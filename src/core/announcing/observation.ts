import type { Lease } from '../dhcp/lease.ts'
import type { ObservedForwarding } from '../routing/forwarding.ts'
import type { ObservedRouting } from '../routing/observation.ts'
import type { Announcement } from './announcement.ts'

/** What there is of what announcing needs. */
export interface AnnounceObservation {
  readonly routing: ObservedRouting
  readonly bird: ObservedBird
  readonly leases: readonly Lease[]
  /** Absent: not looked at, because guestnet is not to set it. */
  readonly forwarding?: ObservedForwarding
}

/** guestnet's own BIRD. */
export type ObservedBird =
  /** `wasThere`: its files are, so it died, or the node's agent never got to start it. */
  | { readonly state: 'absent'; readonly wasThere: boolean }
  | { readonly state: 'silent'; readonly pid: number }
  | {
      readonly state: 'running'
      readonly pid: number
      readonly routerId: string
      /** What it has in force; absent: not what its files say. */
      readonly files?: { readonly config: string; readonly announcements: readonly Announcement[] }
      readonly peers: readonly ObservedPeer[]
    }

/** What BIRD announces, as far as that is known. */
export function announcedBy(bird: ObservedBird): readonly Announcement[] {
  return bird.state === 'running' ? (bird.files?.announcements ?? []) : []
}

/** A BGP session, as BIRD sees it. */
export interface ObservedPeer {
  /** As the policy calls it. */
  readonly peer: string
  /** What BIRD calls the session. */
  readonly protocol: string
  readonly isUp: boolean
  /** Established, Active, Connect, Idle, Passive … (RFC 4271, section 8.2.2). */
  readonly bgpState: string
  /** Of the present state: `YYYY-MM-DD hh:mm:ss`, local time. */
  readonly since: string
  /** The other end's address; absent while nobody was found on an unnumbered peer's link. */
  readonly neighbour?: string
  /** The newest complaint, in BIRD's words. */
  readonly error?: string
}
