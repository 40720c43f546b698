import type { Ipv4, Ipv6 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Entry } from './entry.ts'

/**
 * A MAC and an address that most of a port's frames come from. A rule of the port's own that names both is quicker than to look up
 * what all ports have; what it does not let pass is looked up.
 */
export type Quick = `${Mac} ${Ipv4 | Ipv6}`

/** For each family one at most; those there were before stay as long as both are the port's. */
export function quickOf(entries: ReadonlySet<Entry>, before: readonly Quick[] = []): Quick[] {
  const valuesOf = (kind: string) =>
    [...entries].filter(entry => entry.startsWith(`${kind} `)).map(entry => entry.slice(kind.length + 1))
  const macs = valuesOf('mac')
  const families = [valuesOf('ipv4'), valuesOf('ipv6').filter(address => !address.startsWith('fe80:'))]
  return families.flatMap(addresses => {
    const possible = macs.flatMap(mac => addresses.map(address => `${mac} ${address}` as Quick))
    return (before.find(one => possible.includes(one)) ?? possible[0]) || []
  })
}
