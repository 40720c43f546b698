import type { Links } from '../node/link.ts'
import type { Mac } from '../values/mac.ts'
import type { Offer } from './offer.ts'
import type { ServerNumber } from './servers.ts'

/** What there is of what DHCP needs. */
export interface DhcpObservation {
  readonly links: Links
  readonly ports: PortTable
  readonly slots: readonly Slot[]
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
