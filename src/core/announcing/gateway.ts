import { type Guest, type Nic, networkOf, staticAddresses, staticsOf } from '../guest/guest.ts'
import { linksOfNode } from '../guest/links.ts'
import type { Links } from '../node/link.ts'
import { type AnnouncePolicy, uplinkTableOf } from '../policy/announce.ts'
import type { Problem } from '../problem/problem.ts'
import type { Gateway, GuestRule, ProxyNeighbour } from '../routing/routing.ts'
import { type Address, isIpv4 } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import { familyOf } from '../values/family.ts'
import { memoOf } from '../values/memo.ts'
import { describeNetwork } from '../values/network.ts'
import { isHost } from '../values/prefix.ts'
import type { NetworkOnDevice } from './networkOnDevice.ts'

/** A constant number of rules: one a family, and one a network and family. */
export function rulesFor(networks: readonly NetworkOnDevice[], policy: AnnouncePolicy): GuestRule[] {
  const uplink = uplinkTableOf(policy)
  const families = new Set(networks.flatMap(({ network }) => network.prefixes.map(familyOf)))
  return [...families].flatMap(family => [
    { family, table: policy.table },
    ...networks
      .filter(({ network }) => network.prefixes.some(prefix => familyOf(prefix) === family))
      .map(({ device }): GuestRule => ({ family, table: uplink, device: device.name })),
  ])
}

/**
 * The gateway that is the same on every node. One MAC on every node of one LAN would confuse its switches, so a bridge
 * with ports other than guests' gets none.
 */
export function gatewaysFor(
  networks: readonly NetworkOnDevice[],
  links: Links,
  problems: Problem[],
): Gateway[] {
  return networks.flatMap(({ network, device }) => {
    if (!network.gateway) return []
    const uplinks = linksOfNode(links).filter(({ master }) => master === device.name)
    if (uplinks.length === 0) return [{ device: device.name, ...network.gateway }]
    problems.push({
      code: 'gateway-refused',
      message: `The gateway of ${describeNetwork(network)} is not set up: ${device.name} has ports that are not guests' (${uplinks.map(({ name }) => name).join(', ')}), and its MAC would be on every node of one LAN.`,
      remedy: 'Remove those ports from the bridge, or the gateway from the policy.',
    })
    return []
  })
}

/** The NICs of all guests but templates, by the network that they are in; gone through once while guests are the same. */
const nicsByNetwork = memoOf((guests: readonly Guest[]) =>
  groupBy(
    guests.filter(({ template }) => !template).flatMap(({ nics }) => nics),
    nic => {
      const network = networkOf(nic)
      return network && describeNetwork(network)
    },
  ),
)

/** Whether any has an IPv6 address whose mask is wider than that address. */
const isAnyWide = memoOf((nics: readonly Nic[]) =>
  nics.some(({ addressing }) =>
    staticsOf(addressing).some(({ family, cidr }) => family === 'ipv6' && !isHost(cidr)),
  ),
)

/**
 * IPv6 addresses on other nodes that guests here look for on their own link, because their mask is wider than their own
 * address. Unlike proxy ARP, proxy neighbour discovery is told each address.
 */
export function proxiesFor(
  guests: readonly Guest[],
  networks: readonly NetworkOnDevice[],
  here: ReadonlySet<Address>,
): ProxyNeighbour[] {
  return networks.flatMap(({ network, device }) => {
    if (network.gateway?.ipv6 === undefined) return []
    const nics = nicsByNetwork(guests).get(describeNetwork(network)) ?? []
    if (!isAnyWide(nics)) return []
    return nics
      .flatMap(({ addressing }) => staticAddresses(addressing))
      .flatMap(address => (isIpv4(address) || here.has(address) ? [] : [{ address, device: device.name }]))
  })
}
