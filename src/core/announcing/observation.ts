import type { Lease } from '../dhcp/lease.ts'
import type { ObservedForwarding } from '../routing/forwarding.ts'
import type { ObservedRouting } from '../routing/observation.ts'
import type { Address, Ipv4 } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Announcement } from './announcement.ts'

/** What there is of what announcing needs. */
export interface AnnounceObservation {
  readonly routing: ObservedRouting
  readonly bird: ObservedBird
  /** Absent: a Kea could not be asked, so what guests have leased is not known. */
  readonly leases?: readonly Lease[]
  /** Absent: not looked at, because nothing is announced. */
  readonly forwarding?: ObservedForwarding
  /** Unix seconds. */
  readonly now: number
  /** The node's IPv4 addresses, but for loopback. */
  readonly ownAddresses: readonly Ipv4[]
  /** Another program listens on the port of BGP. Only looked at where a BIRD may have to be started. */
  readonly portHolder?: PortHolder
  /** The node's end of sessions that need it told, by the peer's address: that in use, else the one the kernel would choose. */
  readonly ownEnds: ReadonlyMap<Address, Address>
}

/** A program that listens on the port of BGP. */
export interface PortHolder {
  readonly program: string
  /** Absent: it cannot be seen. */
  readonly pid?: number
}

/** guestnet's own BIRD. */
export type ObservedBird =
  /** `wasThere`: its files are, so it died, or the node's agent never got to start it. */
  | { readonly state: 'absent'; readonly wasThere: boolean }
  | { readonly state: 'silent'; readonly pid: number }
  | RunningBird

export interface RunningBird {
  readonly state: 'running'
  readonly pid: number
  readonly routerId: string
  /** What it has in force; absent: not what its files say. */
  readonly files?: FilesInForce
  readonly peers: readonly ObservedPeer[]
}

export interface FilesInForce {
  readonly config: string
  readonly announcements: readonly Announcement[]
  /** The TCP port it listens on; absent: that of BGP. */
  readonly localPort?: number
  /** The node's end of sessions that were told it, by the peer's address. */
  readonly ownEnds: Readonly<Record<string, Address>>
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
  /** Absent: not told. */
  readonly channels?: readonly PeerChannel[]
}

/** One address family of a session: how many routes came in and went out. */
export interface PeerChannel {
  readonly family: Family
  readonly imported: number
  readonly exported: number
}
