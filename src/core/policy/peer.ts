import ipaddr from 'ipaddr.js'
import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import { type Address, isLinkLocal, parseAddress } from '../values/address.ts'
import { FAMILIES } from '../values/family.ts'
import { atMost, distinct, evenIfBroken, LinkName, NodeName, TcpPort, wholeNumber } from './checks.ts'

/** What completes "It must be …" for an AS number. */
export const AS_EXPECTED = 'an AS number from 1 to 4294967294, other than 23456 and 65535'

/** Not for use: AS_TRANS (RFC 6793, section 9), the last of 16 bits (RFC 7300; that of 32 bits is out of bounds). */
const RESERVED_AS = new Set([23_456, 65_535])

/** A number of an autonomous system that can be somebody's own (RFC 6793; 0 is refused by RFC 7607). */
export const AsNumber = wholeNumber(1, 0xffff_fffe, AS_EXPECTED).refine(as => !RESERVED_AS.has(as), {
  error: must(AS_EXPECTED),
})

const NOBODYS = new Set(['unspecified', 'multicast', 'broadcast'])

function parsePeerAddress(text: string): Address | undefined {
  const address = parseAddress(text)
  return address !== undefined && !NOBODYS.has(ipaddr.parse(address).range()) ? address : undefined
}

/** Whether an address is an IPv6 link-local one (RFC 4291, section 2.5.6), which says nothing without a link. */
function isLinkLocal6(address: unknown): boolean {
  const parsed = typeof address === 'string' ? parseAddress(address) : undefined
  return parsed !== undefined && isLinkLocal(parsed)
}

const PEER_NAME = must('a letter, followed by at most 30 letters, digits, `-` or `_`')

/** Without the value in its message: a mistake is shown to more people than the policy is. */
const Password = z
  .string({ error: 'must be text; put it in quotes' })
  // TCP_MD5SIG_MAXKEYLEN is 80, see tcp(7). BIRD knows no way to write a quotation mark in a text.
  .regex(/^[ !#-~]{1,80}$/, { error: 'must be 1 to 80 printable ASCII characters, none of them `"`' })

const Families = distinct(
  z
    .array(z.enum(FAMILIES, { error: must('`ipv4` or `ipv6`') }), { error: must('a list of families') })
    .min(1, { error: 'must name at least one family, `ipv4` or `ipv6`' }),
  family => (typeof family === 'string' ? family : undefined),
  'is the same family as',
)

/** Many more than a cluster has. */
const MOST_NODES = 1000

const Nodes = atMost(
  MOST_NODES,
  distinct(
    z
      .array(NodeName, { error: must('a list of names of nodes') })
      .min(1, { error: 'must name at least one node' }),
    node => (typeof node === 'string' ? node : undefined),
    'is the same node as',
  ),
)

/** A BGP speaker to announce to: by its address, by its IPv6 link-local address and a link, or by the link alone. */
export const Peer = z
  .strictObject({
    name: z.string({ error: PEER_NAME }).regex(/^[A-Za-z][A-Za-z0-9_-]{0,30}$/, { error: PEER_NAME }),
    address: z.exactOptional(
      parsedBy(parsePeerAddress, 'the IPv4 or IPv6 address of a host, without a zone'),
    ),
    /** The link the peer is on. */
    interface: z.exactOptional(LinkName),
    as: AsNumber,
    /** The nodes that are its neighbours, as those of a rack are of its leaf switches; absent: all. */
    nodes: z.exactOptional(Nodes),
    /** Bidirectional forwarding detection (RFC 5880). */
    bfd: z.boolean().default(false),
    /** TCP MD5 signatures (RFC 2385). */
    password: z.exactOptional(Password),
    /** How many hops away the peer may be; absent: it is on a link of ours. */
    multihop: z.exactOptional(wholeNumber(1, 255, 'a number of hops from 1 to 255')),
    /** Seconds; at least three, or none at all, by RFC 4271, section 4.2. */
    holdTime: z.exactOptional(wholeNumber(3, 65_535, 'a number of seconds from 3 to 65535')),
    /** `false`: the default routes that it tells are ignored. */
    defaultRoute: z.boolean().default(true),
    /** GTSM (RFC 5082): what may have come from farther away than the peer is dropped by the kernel. Both ends must do it. */
    ttlSecurity: z.boolean().default(false),
    /** What is announced to this peer. */
    families: atMost(FAMILIES.length, Families).default([...FAMILIES]),
    /** Where the peer listens; absent: 179. */
    port: z.exactOptional(TcpPort),
  })
  .refine(peer => 'address' in peer || 'interface' in peer, {
    ...evenIfBroken,
    error: 'must have an `address`, or an `interface` to find the peer on',
  })
  .refine(peer => !isLinkLocal6(peer.address) || 'interface' in peer, {
    ...evenIfBroken,
    path: ['address'],
    error: 'is link-local: name the link it is on as `interface`',
  })
  .refine(peer => !('multihop' in peer && ('interface' in peer || isLinkLocal6(peer.address))), {
    ...evenIfBroken,
    path: ['multihop'],
    error:
      'is for peers behind a router: it cannot be used together with `interface` or a link-local address',
  })
export type Peer = z.output<typeof Peer>
