import {
  familyOfServer,
  numberOfServer,
  parseServerId,
  type ServerId,
  serverId,
} from '../core/dhcp/serverId.ts'
import { isGuestPort } from '../core/guest/links.ts'
import type { Family } from '../core/values/family.ts'
import type { Mac } from '../core/values/mac.ts'

/** The maps by which answers find their way, by the kind of their elements' keys (`ElementKey`). */
export const MAPS = { ipv4: 'port_of', ipv6: 'port6_of', 'known-as': 'mac6_of' } as const satisfies Record<
  Family | 'known-as',
  string
>

/** From a hardware address and a transaction of its to where that was asked from: filled by requests, and nobody's to observe. */
export const ASKED_FROM = 'asker6_of'

/** What former versions' rules filled, by the hardware address alone. */
export const FORMERLY_ASKED_FROM = 'asked6_from'

/** Where solicitations go that are answered, and those that are heard only, since they go on to the network as well. */
export const SOLICITED = 'solicited'
export const OVERHEARD = 'overheard'

/** Where the advertiser's answers come from, on their way to the guests' ports. */
export const ADVERTISEMENTS = 'advertisements'

/** What sets the M flag of other routers' advertisements. */
export const MANAGED = 'managed'

/** Before every bridge and every firewall, both of which come after the ingress hook's own filters. */
export const PRIORITY = -450

export function chainOfServer(server: ServerId): string {
  return familyOfServer(server) === 'ipv4' ? `server-${numberOfServer(server)}` : server
}

/** What leads to a slot's link. */
export function chainOfRequests(link: string): string {
  return `requests-${link}`
}

/** The slot link that this chain leads to. */
export function linkOfRequests(chain: string): string | undefined {
  return chain.startsWith('requests-') ? chain.slice('requests-'.length) : undefined
}

export function chainOfReplies(link: string): string {
  return `replies-${link}`
}

/** The server whose chain this is. */
export function serverOfChain(chain: string): ServerId | undefined {
  const [, digits] = /^server-([1-9][0-9]*)$/.exec(chain) ?? []
  if (digits !== undefined) return serverId('ipv4', Number(digits))
  const server = parseServerId(chain)
  return server !== undefined && familyOfServer(server) === 'ipv6' ? server : undefined
}

/** The slot link whose replies this chain lets out. */
export function linkOfReplies(chain: string): string | undefined {
  return chain.startsWith('replies-') ? chain.slice('replies-'.length) : undefined
}

/** Where other routers' advertisements come by on their way to a guest's port. */
export function chainOfRouters(link: string): string {
  return `routers-${link}`
}

/** The port whose chain this is. */
export function linkOfRouters(chain: string): string | undefined {
  return chain.startsWith('routers-') ? chain.slice('routers-'.length) : undefined
}

/** A guest port's chain is called as its link. */
export function isPortChain(chain: string): boolean {
  return isGuestPort(chain)
}

/** The octets of a hardware address as one number, which is how nft shows and takes those in a packet's payload. */
export function octetsInHex(mac: Mac): string {
  return `0x${mac.replaceAll(':', '')}`
}
