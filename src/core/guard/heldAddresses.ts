import { type Guest, type Nic, networkOf } from '../guest/guest.ts'
import { claimsOf } from '../ruling/claim.ts'
import type { Address, Ipv6 } from '../values/address.ts'
import { linkLocalOf } from '../values/linkLocal.ts'
import type { Network } from '../values/network.ts'
import { type NetworkId, networkIdOf } from './entry.ts'

/** Who has what, in the whole cluster, as far as configurations say. */
export interface HeldAddresses {
  /** Addresses of guests and their gateways, by network. */
  readonly byNetwork: ReadonlyMap<NetworkId, ReadonlySet<Address>>
  /** VLANs in which there are any, by bridge. */
  readonly vlans: ReadonlyMap<string, ReadonlySet<number>>
  /** Link-local addresses that come of a guest's MAC, or are somebody's gateway. */
  readonly linkLocals: ReadonlySet<Ipv6>
}

const NOBODY: ReadonlySet<Address> = new Set()

export function heldAddresses(guests: readonly Guest[]): HeldAddresses {
  const byNetwork = new Map<NetworkId, Set<Address>>()
  const vlans = new Map<string, Set<number>>()
  for (const { network, address } of guests.flatMap(placesOf)) {
    setIn(byNetwork, networkIdOf(network)).add(address)
    if (network.tag !== undefined) setIn(vlans, network.bridge).add(network.tag)
  }
  return { byNetwork, vlans, linkLocals: new Set(guests.flatMap(linkLocalsOf)) }
}

interface Place {
  readonly network: Network
  readonly address: Address
}

/** Where a guest has what, and where its gateways are. */
function placesOf(guest: Guest): Place[] {
  const gateways = guest.nics.flatMap(nic => {
    const network = networkOf(nic)
    return network ? gatewaysOf(nic).map(address => ({ network, address })) : []
  })
  return [...claimsOf(guest), ...gateways]
}

function gatewaysOf({ addressing: { gw, gw6 } }: Nic): Address[] {
  return [...(gw ? [gw] : []), ...(gw6 ? [gw6] : [])]
}

function linkLocalsOf({ nics }: Guest): Ipv6[] {
  return nics.flatMap(({ mac, addressing: { gw6 } }) => [
    ...(mac ? [linkLocalOf(mac)] : []),
    ...(gw6?.startsWith('fe80:') ? [gw6] : []),
  ])
}

/** Nobody's, where nobody is known to have any there. */
export function heldIn({ byNetwork }: HeldAddresses, network: NetworkId): ReadonlySet<Address> {
  return byNetwork.get(network) ?? NOBODY
}

function setIn<Key, Value>(sets: Map<Key, Set<Value>>, key: Key): Set<Value> {
  const known = sets.get(key)
  if (known) return known
  const made = new Set<Value>()
  sets.set(key, made)
  return made
}
