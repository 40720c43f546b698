import * as z from 'zod'

/** A DHCP server by the frames it sends. */
export interface HeardServer {
  readonly mac: string
  readonly address: string
}

/** The set that answers are noted in. */
export const HEARD = 'heard'

/** Before everything else on a link, guestnet's own chains included. */
const PRIORITY = -460

/**
 * Commands for `nft -f` that make a table noting who sends DHCP answers in by these links (RFC 2131, section 4.1). A line
 * each: up to nftables 1.0.6 a chain written as one block needs a semicolon before its end.
 */
export function renderListening(table: string, links: readonly string[]): string[] {
  return [
    `add table netdev ${table}`,
    `add set netdev ${table} ${HEARD} { typeof ether saddr . ip saddr; flags dynamic; size 1024; }`,
    ...links.flatMap((link, index) => [
      `add chain netdev ${table} c${index} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
      `add rule netdev ${table} c${index} ether type ip udp sport 67 udp dport 68 update @${HEARD} { ether saddr . ip saddr }`,
    ]),
  ]
}

const Concat = z.object({ concat: z.tuple([z.string(), z.string()]) })

/** An element, with what nft has to say about it around it or not (libnftables-json(5), "ELEM"). */
const Element = z.union([
  Concat,
  z.object({ elem: z.object({ val: Concat }) }).transform(({ elem }) => elem.val),
])

const Listing = z.object({
  nftables: z.array(z.object({ set: z.object({ elem: z.array(Element).default([]) }).optional() })),
})

/** Reads `nft -j list set`; `undefined` for what is no such listing. */
export function parseHeard(json: string): HeardServer[] | undefined {
  try {
    const { nftables } = Listing.parse(JSON.parse(json))
    return nftables.flatMap(({ set }) =>
      (set?.elem ?? []).map(({ concat: [mac, address] }) => ({ mac, address })),
    )
  } catch {
    return undefined
  }
}
