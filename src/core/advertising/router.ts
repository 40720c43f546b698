import { type Ipv6, isLinkLocal } from '../values/address.ts'

/** The IPv6 addresses of the node's own links, by link. */
export type OwnAddresses = ReadonlyMap<string, readonly Ipv6[]>

/**
 * The link-local address of a guest's gateway, by which alone a router can be advertised (RFC 4861, section 4.2):
 *
 * - the gateway as it is written, where that is link-local;
 * - where the node itself is the gateway: that of the link which has the gateway's address.
 *
 * Of any other router nobody here knows it; it is never guessed.
 */
export function routerOf(gateway: Ipv6 | undefined, own: OwnAddresses): Ipv6 | undefined {
  if (gateway === undefined || isLinkLocal(gateway)) return gateway
  const link = [...own.values()].find(addresses => addresses.includes(gateway))
  return link?.filter(isLinkLocal).toSorted()[0]
}
