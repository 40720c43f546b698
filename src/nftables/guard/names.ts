import { DROP_REASONS, type DropReason } from '../../core/guard/drop.ts'
import type { NetworkId } from '../../core/guard/entry.ts'
import { isGuestPort } from '../../core/guest/links.ts'

/** The guard's table: no instance can be called like that, as a name has no dot. */
export function guardTableOf(instance: string): string {
  return `${instance}.guard`
}

/** After DHCP is taken (-450), before every bridge and every firewall. */
export const GUARD_PRIORITY = -440

/** Where all ports' chains lead to. */
export const ENTRANCE = 'from-guest'

/** Where the chains of what comes to guests lead to. */
export const EXIT = 'to-guest'

/** The chain of what comes to a guest, beside that of its port's own name. */
export function exitChainOf(link: string): string {
  return `to-${link}`
}

const EXIT_CHAIN = /^to-(.+)$/

/** The link that such a chain belongs to. */
export function linkOfExitChain(chain: string): string | undefined {
  const [, link] = EXIT_CHAIN.exec(chain) ?? []
  return link !== undefined && isGuestPort(link) ? link : undefined
}

/** Where everything that is not the guest's own ends: dropped, or let go. */
export const END = 'not-its-own'

/** The chain that counts what is dropped for a reason, and the map that holds the counts: a port's link to the first sample. */
export function chainOfReason(reason: DropReason): string {
  return `bad-${reason}`
}

export function reasonOf(map: string): DropReason | undefined {
  return DROP_REASONS.find(reason => chainOfReason(reason) === map)
}

/** The chain of ports that are open in a network, and the sets of what is somebody's there. */
export function openChainOf(network: NetworkId): string {
  return `open-${network}`
}

export function heldSetsOf(network: NetworkId) {
  return { ipv4: `held4-${network}`, ipv6: `held6-${network}` } as const
}

const OPEN = /^open-([0-9a-f]{8})$/
const HELD = /^held([46])-([0-9a-f]{8})$/

export function networkOfChain(chain: string): NetworkId | undefined {
  return OPEN.exec(chain)?.[1]
}

export function networkOfSet(set: string): NetworkId | undefined {
  return HELD.exec(set)?.[2]
}
