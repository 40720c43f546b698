import type { ExportRule } from '../policy/exportRule.ts'
import type { Peer } from '../policy/peer.ts'
import type { Address, Ipv4, Prefix } from '../values/address.ts'

/** What a BIRD of guestnet's is configured from. */
export interface BirdSettings {
  readonly as: number
  readonly routerId: Ipv4
  /** The kernel's routing table that default routes learned from peers go to; guestnet's own, and BIRD's alone. */
  readonly table: number
  /** The kernel's routing table of the guests, where BIRD makes a way to each whose port is up. */
  readonly guestsTable: number
  /** The node's links towards guests' networks. */
  readonly devices: readonly string[]
  /** Nothing leaves the node that does not lie in one of these. */
  readonly prefixes: readonly Prefix[]
  readonly peers: readonly BirdPeer[]
  /** How many equally good default routes go to the kernel as one with several next hops; 1: the best alone. */
  readonly multipath: number
  /** How announcements of some guests differ towards some peers, one after the other. */
  readonly exports: readonly ExportRule[]
  /** The TCP port BIRD listens on; default 179. */
  readonly localPort?: number
  /** Ask the peers to prefer other paths while they still can use ours (RFC 8326). */
  readonly drain?: boolean
}

/** A peer of the policy's, and what only the node knows of it. */
export type BirdPeer = Peer & {
  /** The node's end of the session. BIRD wants to know it for BFD with a multihop peer. */
  readonly localAddress?: Address
}

/** What an administrator's own daemon has to know of guestnet. */
export interface ExternalSettings {
  /** The protocol that marks guestnet's routes. */
  readonly mark: number
  /** The kernel's routing table that guestnet keeps the guests' routes in. */
  readonly table: number
  readonly as: number
  /** Nothing shall leave the node that does not lie in one of these. */
  readonly prefixes: readonly Prefix[]
}

/** The port of BGP (RFC 4271, section 4). */
export const BGP_PORT = 179

/** Where BIRD listens when another program of the node has the port of BGP; it then calls its peers, not they it. */
export const OTHER_PORT = 1790

/** RTPROT_BIRD of rtnetlink(7): what every BIRD marks its routes with. */
export const BIRD_PROTOCOL = 12
