import { familyOfServer, numberOfServer, type ServerId, serverId } from '../core/dhcp/serverId.ts'
import { isGuestPort } from '../core/guest/links.ts'
import type { Family } from '../core/values/family.ts'
import type { Mac } from '../core/values/mac.ts'

/** The maps from a hardware address to the port its answers leave by, by what is answered. */
export const PORT_MAP = { ipv4: 'port_of', ipv6: 'port6_of', router: 'advertised_to' } as const

/** Where solicitations go that are answered, and those that are heard only, since they go on to the network as well. */
export const SOLICITED = 'solicited'
export const OVERHEARD = 'overheard'

/** What sets the M flag of other routers' advertisements. */
export const MANAGED = 'managed'

/** Before every bridge and every firewall, both of which come after the ingress hook's own filters. */
export const PRIORITY = -450

const SERVER_CHAIN = { ipv4: 'server-', ipv6: 'server6-' } as const satisfies Record<Family, string>

export function chainOfServer(server: ServerId): string {
  return `${SERVER_CHAIN[familyOfServer(server)]}${numberOfServer(server)}`
}

export function chainOfReplies(link: string): string {
  return `replies-${link}`
}

/** The server whose chain this is. */
export function serverOfChain(chain: string): ServerId | undefined {
  const [, six, digits] = /^server(6?)-([1-9][0-9]*)$/.exec(chain) ?? []
  return digits === undefined ? undefined : serverId(six === '' ? 'ipv4' : 'ipv6', Number(digits))
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
