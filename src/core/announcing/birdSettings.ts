import type { Address, Ipv4, Prefix } from '../values/address.ts'
import type { Family } from '../values/family.ts'

/** What a BIRD of guestnet's is configured from. */
export interface BirdSettings {
  readonly as: number
  readonly routerId: Ipv4
  /** The kernel's routing table that default routes learned from peers go to; guestnet's own, and BIRD's alone. */
  readonly table: number
  /** Nothing leaves the node that does not lie in one of these. */
  readonly prefixes: readonly Prefix[]
  readonly peers: readonly BirdPeer[]
  /** The TCP port BIRD listens on; default 179. */
  readonly localPort?: number
  /** Ask the peers to prefer other paths while they still can use ours (RFC 8326). */
  readonly drain?: boolean
}

/** A BGP neighbour: by its address, or by nothing but the link it is on ("unnumbered"). */
export interface BirdPeer {
  /** As the policy calls it. */
  readonly name: string
  readonly address?: Address
  /** The link it is on: needed for an address of link-local scope, and where there is no address. */
  readonly interface?: string
  readonly as: number
  /** The TCP port it listens on; default 179. */
  readonly port?: number
  /** Detect within a second that it is gone (RFC 5880). */
  readonly bfd: boolean
  /** TCP MD5 (RFC 2385). */
  readonly password?: string
  /** Hops to it at most; absent: it is on a link of the node. */
  readonly multihop?: number
  /** The node's end of the session. BIRD wants to know it for BFD with a multihop peer. */
  readonly localAddress?: Address
  /** Seconds. */
  readonly holdTime?: number
  readonly families: readonly Family[]
}

/** What an administrator's own daemon has to know of guestnet. */
export interface ExternalSettings {
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
