import { createHash } from 'node:crypto'
import {
  type Address,
  type Ipv4,
  type Ipv6,
  type Prefix4,
  type Prefix6,
  parseAddress,
} from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import { describeNetwork, type Network } from '../values/network.ts'

/**
 * Something that a port may send, one string for equal things; what the kernel has of a port is told in the same words.
 *
 * - `mac`, `ipv4`, `ipv6`: its own; `extra-…`: what the policy adds, which goes as soon as the policy no longer does.
 * - `prefix4`, `prefix6`: networks behind it.
 * - `any-mac`: its MAC is not known. `router`: it may send for others.
 * - `open4`, `open6`: nobody knows what addresses it has, so it may use any that nobody else has in that network.
 * - `tags 5-7 NETWORK`: VLANs that it may tag itself; likewise open there.
 */
export type Entry =
  | 'any-mac'
  | 'router'
  | `mac ${Mac}`
  | `ipv4 ${Ipv4}`
  | `ipv6 ${Ipv6}`
  | `extra-ipv4 ${Ipv4}`
  | `extra-ipv6 ${Ipv6}`
  | `prefix4 ${Prefix4}`
  | `prefix6 ${Prefix6}`
  | `open4 ${NetworkId}`
  | `open6 ${NetworkId}`
  | `tags ${string} ${NetworkId}`

/** Names a network where its own name is too long or has letters that are not allowed: 8 hexadecimal digits. */
export type NetworkId = string

/** Networks in which nobody is known to have an address. */
export const NOWHERE: NetworkId = '00000000'

const IDS = new Map<string, NetworkId>()
const NAMES = new Map<NetworkId, string>([[NOWHERE, 'networks in which nobody has any']])

export function networkIdOf(network: Network): NetworkId {
  const name = describeNetwork(network)
  const known = IDS.get(name)
  if (known !== undefined) return known
  const id = createHash('sha256').update(name).digest('hex').slice(0, NOWHERE.length)
  IDS.set(name, id)
  NAMES.set(id, name)
  return id
}

/** For people; of a network that is no longer known, only what it was called by. */
export function describeNetworkId(id: NetworkId): string {
  return NAMES.get(id) ?? id
}

/** The address that a port has by its configuration; its link-local one comes of its MAC and never changes by itself. */
export function addressOfEntry(entry: Entry): Address | undefined {
  const [kind, text = ''] = entry.split(' ')
  return (kind === 'ipv4' || kind === 'ipv6') && !text.startsWith('fe80:') ? parseAddress(text) : undefined
}

/** The network an entry is about. */
export function networkOfEntry(entry: Entry): NetworkId | undefined {
  return /^(?:open[46]|tags \S+) (\S+)$/.exec(entry)?.[1]
}

/** Everything that has to be there besides ports: who has what in a network. */
export const NO_ENTRIES: ReadonlySet<Entry> = new Set()
