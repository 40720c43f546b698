import { isGuestPort } from '../core/guest/links.ts'

/** The map from a hardware address to the port its answers leave by. */
export const PORT_MAP = 'port_of'

/** Before every bridge and every firewall, both of which come after the ingress hook's own filters. */
export const PRIORITY = -450

export function chainOfServer(server: number): string {
  return `server-${server}`
}

export function chainOfReplies(link: string): string {
  return `replies-${link}`
}

/** The server whose chain this is. */
export function serverOfChain(chain: string): number | undefined {
  const [, digits] = /^server-([1-9][0-9]*)$/.exec(chain) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** The slot link whose replies this chain lets out. */
export function linkOfReplies(chain: string): string | undefined {
  return chain.startsWith('replies-') ? chain.slice('replies-'.length) : undefined
}

/** A guest port's chain is called as its link. */
export function isPortChain(chain: string): boolean {
  return isGuestPort(chain)
}
