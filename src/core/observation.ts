import type { Announcement } from './announcement.ts'
import type { ObservedForwarding } from './forwarding.ts'
import type { ServerNumber } from './intent/servers.ts'
import type { Lease } from './lease.ts'
import type { Links } from './link.ts'
import type { Mac } from './mac.ts'
import type { Offer } from './offer.ts'
import type { ObservedRouting } from './routingObservation.ts'

/** What is on the node: everything that guestnet made there, and the links it depends on. */
export interface Observation {
  readonly links: Links
  readonly ports: PortTable
  readonly slots: readonly Slot[]
  /** Absent: not looked at, because nothing is announced. */
  readonly announcing?: AnnounceObservation
}

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

/** guestnet's nftables table. */
export interface PortTable {
  readonly exists: boolean
  /** Which link each server's requests are sent to. */
  readonly switches: ReadonlyMap<ServerNumber, string>
  /** Links whose replies are sent back to the ports. */
  readonly replies: ReadonlySet<string>
  /** The chains on guests' links, by link. */
  readonly chains: ReadonlyMap<string, PortChain>
  /** Where replies to a hardware address go: a link's name, or, where that link is gone, its former ifindex. */
  readonly elements: ReadonlyMap<Mac, string>
}

export interface PortChain {
  /** The one rule's comment: what `portComment` gave it. `undefined`: the chain is not as guestnet made it. */
  readonly comment: string | undefined
  /** DHCP messages taken from the port since the chain was made. */
  readonly packets: number
}

/** A place for one Kea: a namespace, a veth pair into it, and directories. */
export interface Slot {
  /** From 1. */
  readonly number: number
  /** The node's end of the veth pair. */
  readonly link: string
  /**
   * `ready`: namespace and veth pair are there, up, and marked as guestnet's. `unnamed`: a Kea serves there, but the
   * namespace's name is gone or leads elsewhere. `foreign`: its name belongs to somebody else.
   */
  readonly network: 'ready' | 'unnamed' | 'absent' | 'broken' | 'foreign'
  readonly kea?: Kea
}

/** A Kea of guestnet's. It is never reconfigured: what it was started with is what it serves. */
export interface Kea {
  /** `dead`: it was not ended by guestnet, yet its process is gone. `silent`: its control socket does not answer. */
  readonly state: 'answering' | 'silent' | 'dead'
  readonly pid: number
  /** It is being ended on purpose; requests no longer go to it. */
  readonly ending: boolean
  readonly server: ServerNumber
  /** The configuration file it was started with, whole. */
  readonly config: string
  readonly offers: readonly Offer[]
}
