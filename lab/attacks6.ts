import {
  addressBytes,
  ETHERTYPE,
  ethernet,
  fragment,
  icmp6,
  ipv4,
  ipv6,
  NEXT,
  type Part,
  padding,
  routerAlert,
  routing,
  udp,
  udp6,
} from './ether.ts'
import { ALL_NODES, ELSEWHERE, type Frames, type Gateway, type Neighbour } from './neighbour.ts'

const ADVERTISEMENT_OF_ROUTERS = 134
const REDIRECT = 137
const QUERY = 130
const MULTICAST_ROUTER = 151

interface Header {
  readonly from: string
  readonly to?: string
  readonly next: number
  readonly hops?: number
}

/** Those by IPv6. */
export function attacks6(self: Neighbour, victim: Neighbour, gateway: Gateway): Frames {
  const packet = (header: Header, ...payload: Part[]) =>
    ethernet({ from: self.mac, type: ETHERTYPE.ipv6 }, ipv6({ to: ALL_NODES, ...header }, ...payload))
  return {
    ...fromOthers(packet, victim, gateway),
    ...asNeighbours(packet, self, victim, gateway),
    ...asRouter(packet, self),
    ...asServer(packet, self),
    'ipv6: which is not IPv6': ethernet(
      { from: self.mac, type: ETHERTYPE.ipv6 },
      ipv4({ from: self.ipv4, to: victim.ipv4 }, new Uint8Array(40)),
    ),
  }
}

type MakesPacket = (header: Header, ...payload: Part[]) => Buffer

function fromOthers(packet: MakesPacket, victim: Neighbour, gateway: Gateway): Frames {
  const datagram = (from: string) => udp6({ from, to: ALL_NODES }, 1234, 9999)
  const from = (address: string) => packet({ from: address, next: NEXT.udp }, datagram(address))
  return {
    'ipv6: from another': from(victim.ipv6),
    'ipv6: from elsewhere': from(ELSEWHERE.ipv6),
    'ipv6: from nobody': from('::'),
    'ipv6: from nobody, a ping': packet(
      { from: '::', next: NEXT.icmpv6 },
      icmp6({ from: '::', to: ALL_NODES }, 128, [0, 1, 0, 1]),
    ),
    'ipv6: from itself': from('::1'),
    'ipv6: from a group': from(ALL_NODES),
    'ipv6: from the link-local address of another': from(victim.linkLocal),
    'ipv6: from the link-local address that another made': from(victim.privateLinkLocal),
    'ipv6: from the gateway': from(gateway.linkLocal),
    'ipv6: from a router that advertises itself': from(gateway.advertised),
    'ipv6: from another, behind options': packet(
      { from: victim.ipv6, next: NEXT.hopByHop },
      padding(NEXT.udp),
      datagram(victim.ipv6),
    ),
    'ipv6: from another, a first fragment': packet(
      { from: victim.ipv6, next: NEXT.fragment },
      fragment(NEXT.udp, 0, true),
      datagram(victim.ipv6),
    ),
    'ipv6: from another, a later fragment': packet(
      { from: victim.ipv6, next: NEXT.fragment },
      fragment(NEXT.udp, 1, false),
      udp(1234, 9999, [1, 2, 3, 4]),
    ),
  }
}

function asNeighbours(packet: MakesPacket, self: Neighbour, victim: Neighbour, gateway: Gateway): Frames {
  const { linkLocal: from } = self
  const advertisement = (address: string) =>
    icmp6({ from, to: ALL_NODES }, 136, [0x20, 0, 0, 0], addressBytes(address), [2, 1], self.mac)
  const advertise = (address: string) => packet({ from, next: NEXT.icmpv6 }, advertisement(address))
  const claim = (address: string) =>
    packet(
      { from: '::', next: NEXT.icmpv6 },
      icmp6({ from: '::', to: ALL_NODES }, 135, [0, 0, 0, 0], addressBytes(address)),
    )
  const behind = (next: number, ...header: Part[]) =>
    packet({ from, next }, ...header, advertisement(victim.ipv6))
  return {
    'nd: another’s address': advertise(victim.ipv6),
    'nd: another’s link-local address': advertise(victim.linkLocal),
    'nd: the link-local address that another made': advertise(victim.privateLinkLocal),
    'nd: the gateway': advertise(gateway.linkLocal),
    'nd: a router that advertises itself': advertise(gateway.advertised),
    'nd: another’s address, behind options': behind(NEXT.destinationOptions, padding(NEXT.icmpv6)),
    'nd: another’s address, behind a routing header': behind(NEXT.routing, routing(NEXT.icmpv6)),
    'nd: another’s address, in a single fragment': behind(NEXT.fragment, fragment(NEXT.icmpv6, 0, false)),
    // RFC 6980; a mark takes the place of what is missing.
    'nd: another’s address, which only a later fragment tells': packet(
      { from, next: NEXT.fragment },
      fragment(NEXT.icmpv6, 0, true),
      advertisement(victim.ipv6).subarray(0, 8),
    ),
    'nd: another’s address, asked for first': claim(victim.ipv6),
    'nd: another’s link-local address, asked for first': claim(victim.linkLocal),
    'nd: the gateway, asked for first': claim(gateway.linkLocal),
    'nd: a router that advertises itself, asked for first': claim(gateway.advertised),
  }
}

function asRouter(packet: MakesPacket, self: Neighbour): Frames {
  const { linkLocal: from } = self
  const said = icmp6({ from, to: ALL_NODES }, ADVERTISEMENT_OF_ROUTERS, [64, 0, 7, 8], new Uint8Array(8))
  const query = icmp6({ from, to: ALL_NODES }, QUERY, [0, 100, 0, 0], addressBytes('::'))
  const says = (next: number, ...payload: Part[]) => packet({ from, next }, ...payload)
  const behind = (next: number, ...header: Part[]) => says(next, ...header, said)
  const asks = (next: number, ...header: Part[]) => packet({ from, next, hops: 1 }, ...header, query)
  return {
    'ra: plain': says(NEXT.icmpv6, said),
    'ra: from its own address': packet(
      { from: self.ipv6, next: NEXT.icmpv6 },
      icmp6({ from: self.ipv6, to: ALL_NODES }, ADVERTISEMENT_OF_ROUTERS, [64, 0, 7, 8], new Uint8Array(8)),
    ),
    'ra: behind options': behind(NEXT.hopByHop, padding(NEXT.icmpv6)),
    'ra: behind options of the destination': behind(NEXT.destinationOptions, padding(NEXT.icmpv6, 3)),
    'ra: behind a routing header': behind(NEXT.routing, routing(NEXT.icmpv6)),
    'ra: behind everything there is': behind(
      NEXT.hopByHop,
      padding(NEXT.destinationOptions),
      padding(NEXT.routing),
      routing(NEXT.fragment),
      fragment(NEXT.destinationOptions, 0, false),
      padding(NEXT.icmpv6),
    ),
    'ra: in a single fragment': behind(NEXT.fragment, fragment(NEXT.icmpv6, 0, false)),
    'ra: in a fragment within a fragment': behind(
      NEXT.fragment,
      fragment(NEXT.fragment, 0, false),
      fragment(NEXT.icmpv6, 0, false),
    ),
    'ra: hidden, in a later fragment within a fragment': behind(
      NEXT.fragment,
      fragment(NEXT.fragment, 0, false),
      fragment(NEXT.icmpv6, 1, false),
    ),
    'ra: hidden, the first fragment has options alone': says(
      NEXT.fragment,
      fragment(NEXT.destinationOptions, 0, true),
      // A mark takes the place of what is missing.
      padding(NEXT.icmpv6, 4).subarray(0, 16),
    ),
    'ra: hidden, the fragment after it': behind(NEXT.fragment, fragment(NEXT.destinationOptions, 2, false)),
    'ra: a redirect': says(
      NEXT.icmpv6,
      icmp6(
        { from, to: ALL_NODES },
        REDIRECT,
        [0, 0, 0, 0],
        addressBytes(from),
        addressBytes(ELSEWHERE.ipv6),
      ),
    ),
    'mld: a query': asks(NEXT.hopByHop, routerAlert(NEXT.icmpv6)),
    'mld: a query, behind options of the destination': asks(
      NEXT.hopByHop,
      routerAlert(NEXT.destinationOptions),
      padding(NEXT.icmpv6),
    ),
    'mld: a multicast router': packet(
      { from, to: 'ff02::6a', next: NEXT.hopByHop, hops: 1 },
      routerAlert(NEXT.icmpv6),
      icmp6({ from, to: 'ff02::6a' }, MULTICAST_ROUTER, [0, 0, 0, 0]),
    ),
  }
}

function asServer(packet: MakesPacket, { linkLocal: from }: Neighbour): Frames {
  const answer = udp6({ from, to: ALL_NODES }, 547, 546)
  const behind = (next: number, ...header: Part[]) => packet({ from, next }, ...header, answer)
  return {
    'dhcp: an answer by DHCPv6': behind(NEXT.udp),
    'dhcp: an answer by DHCPv6, behind options': behind(NEXT.destinationOptions, padding(NEXT.udp)),
    'dhcp: an answer by DHCPv6, a first fragment': behind(NEXT.fragment, fragment(NEXT.udp, 0, true)),
  }
}
