import { type Guest, type Nic, networkOf, staticAddresses } from '../guest/guest.ts'
import type { GuardExtra } from '../policy/guard.ts'
import { claimsOf } from '../ruling/claim.ts'
import type { Address, Ipv6 } from '../values/address.ts'
import { linkLocalOf } from '../values/linkLocal.ts'
import type { Network } from '../values/network.ts'
import { type NetworkId, networkIdOf } from './entry.ts'
import { hostsIn } from './extraHosts.ts'

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

/** By VMID, what the policy adds. */
export type Extras = ReadonlyMap<number, GuardExtra>

export function heldAddresses(guests: readonly Guest[], extras: Extras): HeldAddresses {
  const byNetwork = new Map<NetworkId, Set<Address>>()
  const vlans = new Map<string, Set<number>>()
  for (const { network, address } of guests.flatMap(guest => placesOf(guest, extras.get(guest.vmid)))) {
    setIn(byNetwork, networkIdOf(network)).add(address)
    if (network.tag !== undefined) setIn(vlans, network.bridge).add(network.tag)
  }
  return {
    byNetwork,
    vlans,
    linkLocals: new Set(guests.flatMap(guest => linkLocalsOf(guest, extras.get(guest.vmid)))),
  }
}

interface Place {
  readonly network: Network
  readonly address: Address
}

/** Where a guest has what or had it at its start, what it may have besides, and where its gateways are. */
function placesOf(guest: Guest, extra: GuardExtra | undefined): Place[] {
  const others = guest.nics.flatMap(nic => {
    const network = networkOf(nic)
    const theirs = [...gatewaysOf(nic), ...staticAddresses(nic.atStart ?? {}), ...hostsIn(extra)]
    return network ? theirs.map(address => ({ network, address })) : []
  })
  return [...claimsOf(guest), ...others]
}

function gatewaysOf({ addressing: { gw, gw6 } }: Nic): Address[] {
  return [...(gw ? [gw] : []), ...(gw6 ? [gw6] : [])]
}

function linkLocalsOf({ nics }: Guest, extra: GuardExtra | undefined): Ipv6[] {
  return [
    ...nics.flatMap(({ mac, addressing: { gw6 } }) => [
      ...(mac ? [linkLocalOf(mac)] : []),
      ...(gw6?.startsWith('fe80:') ? [gw6] : []),
    ]),
    ...(extra?.macs ?? []).map(linkLocalOf),
    ...hostsIn(extra).filter((address): address is Ipv6 => address.startsWith('fe80:')),
  ]
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
