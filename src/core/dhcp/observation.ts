import type { Links } from '../node/link.ts'
import type { StartFailure } from '../problem/startFailure.ts'
import type { Ipv6 } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import type { Offer } from './offer.ts'
import type { ServerId } from './serverId.ts'

/** What there is of what DHCP needs. */
export interface DhcpObservation {
  readonly links: Links
  readonly ports: PortTable
  readonly slots: readonly Slot[]
  /** Families of which a Kea did not come up in the background, and none has since; absent: none. */
  readonly startFailures?: ReadonlyMap<Family, StartFailure>
}

/** guestnet's nftables table. */
export interface PortTable {
  readonly exists: boolean
  /** Which link each server's requests are sent to. */
  readonly switches: ReadonlyMap<ServerId, string>
  /** Slots' links that requests can be led to, and whose replies are sent back to the ports. */
  readonly open: ReadonlySet<string>
  /** The link to which router solicitations are sent; empty: not all of the way there and back is as it should be. Absent: none. */
  readonly solicitations?: string
  /** The chains on guests' links, by link. */
  readonly chains: ReadonlyMap<string, PortChain>
  /** How many advertisements of other routers have come by on their way to a port that is told of its own, by link. */
  readonly routers: ReadonlyMap<string, number>
  /** What each leads to: a hardware address, or a link's name or, where that link is gone, its former ifindex. */
  readonly elements: ReadonlyMap<ElementKey, string>
}

/**
 * An element of one of the maps by which answers find their way. By family: from a hardware address to its port. `known-as`:
 * from what a NIC is known by in DHCPv6 to its hardware address.
 */
export type ElementKey = `${Family} ${Mac}` | `known-as ${Ipv6}`

/** Whether it leads to a link. */
export function isLinkElement(key: ElementKey): boolean {
  return !key.startsWith('known-as ')
}

export function elementKeyOf({ family, mac }: Pick<Offer, 'family' | 'mac'>): ElementKey {
  return `${family} ${mac}`
}

/** A guest port's chain: its rules in order. */
export type PortChain = readonly PortRule[]

export interface PortRule {
  /** What `ruleLabel` gave it; absent: it is not as guestnet made it. */
  readonly label?: string
  /** DHCP messages taken from the port since the rule was made. */
  readonly packets: number
  /** Those that were too many in a short time, and went nowhere. */
  readonly dropped?: number
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
  /** A Kea is being started there, or told what to serve; it counts once that is done. */
  readonly starting?: StartingKea
  /** Its Kea was told what to serve since this agent began, and so later than the one that requests go to. */
  readonly isReady?: true
}

/** What is done about a slot's namespace and link that are not as they should be. */
export type Building = 'build' | 'rebuild'

export interface StartingKea {
  readonly family: Family
  /** Absent: it is to stand by. */
  readonly server?: ServerId
}

/** A Kea of guestnet's. It is never reconfigured while requests go to it: what its file says is what it serves. */
export type Kea = KeaProcess | DeadKea

interface CommonKea {
  /** Its configuration file, whole. */
  readonly config: string
  /** Absent: another version of guestnet started it, and says it in a way that this one does not know. */
  readonly serves?: Served
  /** It was started beforehand, serves nothing, and can be told what to serve of this family. */
  readonly spareFor?: Family
}

/** What a Kea serves. */
export interface Served {
  readonly server: ServerId
  readonly offers: readonly Offer[]
}

export interface KeaProcess extends CommonKea {
  /** `silent`: its control socket does not answer. */
  readonly state: 'answering' | 'silent'
  readonly pid: number
  /** It is being ended on purpose; requests no longer go to it. */
  readonly ending: boolean
}

/** It was not ended by guestnet, yet its process is gone. */
export interface DeadKea extends CommonKea {
  readonly state: 'dead'
}
