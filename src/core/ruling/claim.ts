import { type Guest, networkOf, staticAddresses } from '../guest/guest.ts'
import type { NicName, Vmid } from '../guest/names.ts'
import type { Where } from '../problem/refusal.ts'
import { type Address, isUnicast } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import { describeNetwork, type Network } from '../values/network.ts'

/** That a NIC wants to have an address. */
export interface Claim extends NicName {
  readonly vmid: Vmid
  /** The cluster node whose folder holds the guest's configuration. */
  readonly node: string
  readonly network: Network
  readonly mac: Mac
  readonly address: Address
  /** Where the address is written. */
  readonly where: Where
}

const CLAIMS = new WeakMap<Guest, readonly Claim[]>()

/**
 * What a guest claims, whether it runs or not and whoever serves it: a guest that the policy leaves alone has its address all
 * the same. Templates never claim, nor do NICs without a MAC or a bridge, nor addresses that no host can have.
 */
export function claimsOf(guest: Guest): readonly Claim[] {
  const known = CLAIMS.get(guest)
  if (known) return known
  const claims = guest.template ? [] : guest.nics.flatMap(nic => claimsOfNic(guest, nic))
  CLAIMS.set(guest, claims)
  return claims
}

function claimsOfNic(guest: Guest, nic: Guest['nics'][number]): Claim[] {
  const network = networkOf(nic)
  const { mac } = nic
  if (!network || !mac) return []
  const { type, vmid, node } = guest
  return staticAddresses(nic.addressing)
    .filter(isUnicast)
    .map(address => ({
      type,
      vmid,
      nic: nic.index,
      node,
      network,
      mac,
      address,
      where: whereOf(guest, nic, address),
    }))
}

/** Where an address of a guest's is written. */
export function whereOf(
  { file, further }: Pick<Guest, 'file' | 'further'>,
  { line, addressing }: Guest['nics'][number],
  address: Address,
): Where {
  return further && addressing.further?.includes(address) ? { file: further.file } : { file, line }
}

/** What only one NIC of the cluster can have: an address in a network. */
export function addressPlaceOf({ network, address }: Pick<Claim, 'network' | 'address'>): string {
  return `${address} in ${describeNetwork(network)}`
}

/** What only one NIC of the cluster can be announced for. */
export function announcedPlaceOf({ address }: Pick<Claim, 'address'>): string {
  return `${address} in announcements`
}

/** What only one NIC of a node can have, whatever its network: DHCP answers find their port by it. */
export function macPlaceOf({ node, mac }: Pick<Claim, 'node' | 'mac'>): string {
  return `${mac} on ${node}`
}
