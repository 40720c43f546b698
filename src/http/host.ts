import { isIP } from 'node:net'

/**
 * Whether a request's `Host` is one that no foreign web page can have made point here: DNS rebinding gives a name of
 * somebody else's the address of this node, and the browser takes what it gets for that page's own. An address is no name.
 *
 * @example isOwnHost('localhost:9000', new Set()) // true
 */
export function isOwnHost(host: string | undefined, names: ReadonlySet<string>): boolean {
  if (host === undefined || /[/?#@\\]/.test(host) || !URL.canParse(`http://${host}`)) return false
  const name = new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || isIP(name) !== 0 || names.has(name)
}
