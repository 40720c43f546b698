import type { Resolver } from '../core/node/resolver.ts'
import { readText } from '../os/files.ts'

/** Reads resolv.conf(5) as Proxmox does for guests without settings of their own: three servers, the last search list. */
export function parseResolver(text: string): Resolver {
  const nameservers: string[] = []
  let search: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined) nameservers.push(values[0])
    if (keyword === 'search' || keyword === 'domain') search = values
  }
  return { nameservers: nameservers.slice(0, 3), search }
}

export const RESOLV_CONF = '/etc/resolv.conf'

/** The host's own settings; empty where it has none. */
export function readResolver(path = RESOLV_CONF): Resolver {
  const file = readText(path)
  return parseResolver(file.ok ? file.text : '')
}
