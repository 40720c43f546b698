import ipaddr from 'ipaddr.js'
import { lengthOf, type Prefix } from './address.ts'
import { overlaps, parsePrefix } from './prefix.ts'

/**
 * The fewest prefixes that hold exactly the addresses these hold (RFC 4632, section 5.2): IPv4 first, each family in
 * ascending order.
 */
export function aggregate(prefixes: readonly Prefix[]): Prefix[] {
  const merged: Prefix[] = []
  for (const prefix of [...new Set(prefixes)].toSorted(byPlace)) {
    const last = merged.at(-1)
    if (last !== undefined && overlaps(last, prefix)) continue
    merged.push(prefix)
    mergeLast(merged)
  }
  return merged
}

/** Halves of the same prefix become that prefix, and so on upwards. */
function mergeLast(merged: Prefix[]): void {
  for (;;) {
    const [lower, upper] = merged.slice(-2)
    if (lower === undefined || upper === undefined || lengthOf(lower) !== lengthOf(upper)) return
    const parent = parentOf(lower)
    if (parent === undefined || parent !== parentOf(upper)) return
    merged.splice(-2, 2, parent)
  }
}

function parentOf(prefix: Prefix): Prefix | undefined {
  const length = lengthOf(prefix) - 1
  // Everything there is may not leave a node.
  if (length < 1) return undefined
  const wider = `${prefix.slice(0, prefix.indexOf('/'))}/${length}`
  const family = prefix.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4
  return parsePrefix(`${family.networkAddressFromCIDR(wider).toString()}/${length}`)
}

/** IPv4 before IPv6, then by address, wider before narrower. */
function byPlace(a: Prefix, b: Prefix): number {
  const [ours, theirs] = [sortKeyOf(a), sortKeyOf(b)]
  if (ours.length !== theirs.length) return ours.length - theirs.length
  const differing = ours.findIndex((octet, index) => octet !== theirs[index])
  return (ours[differing] ?? 0) - (theirs[differing] ?? 0)
}

/** The octets of the address, then the length. */
function sortKeyOf(prefix: Prefix): number[] {
  const [address] = ipaddr.parseCIDR(prefix)
  return [...address.toByteArray(), lengthOf(prefix)]
}
