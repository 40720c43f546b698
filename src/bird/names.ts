import { createHash } from 'node:crypto'
import { groupBy } from '../core/values/collection.ts'

/** The routing tables and the protocols of BIRD's that are there whatever the policy says. */
export const NAMES = {
  ipv4: {
    table: 'routes4',
    guests: 'guests4',
    kernel: 'kernel4',
    ways: 'ways4',
    toWays: 'to_ways4',
    kernelWays: 'kernel_ways4',
    byDevice: 'by_device4',
    prefixes: 'PREFIXES4',
    filter: 'to_peers4',
  },
  ipv6: {
    table: 'routes6',
    guests: 'guests6',
    kernel: 'kernel6',
    ways: 'ways6',
    toWays: 'to_ways6',
    kernelWays: 'kernel_ways6',
    byDevice: 'by_device6',
    prefixes: 'PREFIXES6',
    filter: 'to_peers6',
  },
} as const

/** A constant that tells which files BIRD has in force. */
export const REVISION = 'guestnet_revision'

/** A route's attribute: Unix seconds when it was first announced from here. It stays inside BIRD. */
export const SINCE = 'guestnet_since'

/** A route's attribute: the number of the guest's network, or 0. It stays inside BIRD. */
export const NETWORK = 'guestnet_network'

/** A route's attribute: which of the node's links leads to the guest, counted from 1; absent where none does. It stays inside BIRD. */
export const DEVICE = 'guestnet_device'

/** BIRD's own limit is 64 with the terminating zero; the protocols of unnumbered peers get a number behind it. */
const NAME_LENGTH = 50

/**
 * The protocols' names, by peer, in letters BIRD takes without quotes. The prefix keeps them apart from its keywords,
 * among which are `s`, `ms` and many more with each version. A name depends on no other peer unless two are alike:
 * a protocol with a new name is a new session.
 */
export function protocolNames(peers: readonly string[]): Map<string, string> {
  const byWord = groupBy(peers, wordOf)
  return new Map(
    peers.map(peer => {
      const word = wordOf(peer)
      const isUnique = byWord.get(word)?.length === 1
      return [peer, isUnique ? `peer_${word}` : `peer_${word}_${digestOf(peer)}`]
    }),
  )
}

/** What the protocols that BIRD makes for the neighbours on an unnumbered peer's link are called, without their number. */
export function dynamicName(protocol: string): string {
  return protocol.replace(/^peer_/, 'link_peer_')
}

function wordOf(peer: string): string {
  return peer.replace(/[^A-Za-z0-9]+/g, '_').slice(0, NAME_LENGTH)
}

function digestOf(peer: string): string {
  return createHash('sha256').update(peer).digest('hex').slice(0, 6)
}
