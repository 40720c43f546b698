import {
  addressBytes,
  arp,
  authentication,
  ETHERTYPE,
  ethernet,
  fragment,
  icmp6,
  igmp,
  ipv4,
  ipv6,
  NEXT,
  type Part,
  padding,
  rarp,
  routerAlert,
  udp,
  udp6,
} from './ether.ts'
import { ALL_NODES, type Frames, type Neighbour } from './neighbour.ts'

/** What an honest guest sends. */
export function honest(self: Neighbour, gateway: { readonly ipv4: string }): Frames {
  return { ...byIpv4(self, gateway), ...byIpv6(self) }
}

const DATAGRAM = udp(1234, 9999, [1, 2, 3, 4])

function byIpv4(self: Neighbour, gateway: { readonly ipv4: string }): Frames {
  const frame = { from: self.mac, type: ETHERTYPE.ipv4 }
  const packet = (header: Partial<Parameters<typeof ipv4>[0]>, ...payload: Part[]) =>
    ethernet(frame, ipv4({ from: self.ipv4, to: gateway.ipv4, ...header }, ...payload))
  const says = (said: Partial<Parameters<typeof arp>[0]>) =>
    ethernet(
      { ...frame, type: ETHERTYPE.arp },
      arp({ mac: self.mac, address: self.ipv4, target: gateway.ipv4, ...said }),
    )
  const report = [igmp(0x22, 0, [0, 0, 0, 1], [4, 0, 0, 0], [239, 1, 2, 3])] as const
  return {
    'its own packet': packet({}, DATAGRAM),
    'its own packet, with options': packet({ options: [148, 4, 0, 0] }, DATAGRAM),
    'a first fragment of its own': packet({ moreFragments: true }, DATAGRAM, new Uint8Array(4)),
    'a later fragment of its own': packet({ fragmentOffset: 2 }, DATAGRAM),
    'a later fragment of its own, with data that looks like DHCP': packet(
      { fragmentOffset: 2 },
      udp(67, 68, new Uint8Array(240)),
    ),
    'a later fragment of its own, with data that looks like IGMP': packet(
      { fragmentOffset: 2, protocol: 2 },
      igmp(0x11, 100, [0, 0, 0, 0]),
    ),
    'its own packet with a priority': ethernet(
      { ...frame, tags: [0x2000] },
      ipv4({ from: self.ipv4, to: gateway.ipv4 }, DATAGRAM),
    ),
    IPsec: packet({ protocol: 50 }, new Uint8Array(32)),
    'IPv6 within IPv4': packet(
      { protocol: 41 },
      ipv6({ from: self.ipv6, to: ALL_NODES, next: NEXT.udp }, DATAGRAM),
    ),
    'its own ARP': says({ target: self.ipv4 }),
    'an ARP question': says({ operation: 1 }),
    'ARP, gratuitous': says({ operation: 1, target: self.ipv4 }),
    'an ARP probe for its own address': says({ operation: 1, address: '0.0.0.0', target: self.ipv4 }),
    'RARP, as QEMU sends it': ethernet({ ...frame, type: ETHERTYPE.rarp }, rarp(self.mac)),
    'IGMP before it has an address': packet({ from: '0.0.0.0', to: '224.0.0.22', protocol: 2 }, ...report),
    IGMP: packet({ to: '224.0.0.22', protocol: 2, options: [148, 4, 0, 0] }, ...report),
  }
}

function byIpv6(self: Neighbour): Frames {
  const packet = (header: { from: string; next: number; hops?: number; flow?: number }, ...payload: Part[]) =>
    ethernet({ from: self.mac, type: ETHERTYPE.ipv6 }, ipv6({ to: ALL_NODES, ...header }, ...payload))
  const datagram = udp6({ from: self.ipv6, to: ALL_NODES }, 1234, 9999)
  const says = (from: string, type: number, ...rest: Part[]) =>
    packet({ from, next: NEXT.icmpv6 }, icmp6({ from, to: ALL_NODES }, type, ...rest))
  const claim = (address: string, ...options: Part[]) =>
    says('::', 135, [0, 0, 0, 0], addressBytes(address), ...options)
  const advertise = (address: string) => says(address, 136, [0x20, 0, 0, 0], addressBytes(address))
  const listens = (from: string) =>
    packet(
      { from, next: NEXT.hopByHop, hops: 1 },
      routerAlert(NEXT.icmpv6),
      icmp6({ from, to: ALL_NODES }, 143, [0, 0, 0, 0]),
    )
  return {
    'its own packet by IPv6': packet({ from: self.ipv6, next: NEXT.udp }, datagram),
    'its own packet by IPv6, behind options': packet(
      { from: self.ipv6, next: NEXT.destinationOptions },
      padding(NEXT.udp),
      datagram,
    ),
    'its own packet by IPv6, authenticated': packet(
      { from: self.ipv6, next: NEXT.authentication },
      authentication(NEXT.udp),
      datagram,
    ),
    'a first fragment of its own by IPv6': packet(
      { from: self.ipv6, next: NEXT.fragment },
      fragment(NEXT.udp, 0, true),
      datagram,
    ),
    'a later fragment of its own by IPv6': packet(
      { from: self.ipv6, next: NEXT.fragment },
      fragment(NEXT.icmpv6, 1, false),
      DATAGRAM,
    ),
    ...laterFragments(self, packet),
    'a ping': says(self.ipv6, 128, [0, 1, 0, 1]),
    'its own address': advertise(self.ipv6),
    'its own address, asked for first': claim(self.ipv6),
    // RFC 7527: by this it knows its own question again.
    'its own address, asked for first with a nonce': claim(self.ipv6, [14, 1, 1, 2, 3, 4, 5, 6]),
    'its link-local address': advertise(self.linkLocal),
    'a link-local address of its own making, asked for first': claim(self.privateLinkLocal),
    'a link-local address of its own making': advertise(self.privateLinkLocal),
    'who is there?': says(self.linkLocal, 135, [0, 0, 0, 0], addressBytes('fe80::1')),
    'a router solicitation without an address': says('::', 133, [0, 0, 0, 0]),
    'a multicast report': listens(self.linkLocal),
    'a multicast report without an address': listens('::'),
    'a question by DHCPv6': packet(
      { from: self.linkLocal, next: NEXT.udp },
      udp6({ from: self.linkLocal, to: ALL_NODES }, 546, 547),
    ),
  }
}

/** Their data, and their flow labels, look like ports and types that no guest may use. */
function laterFragments(
  { ipv6: from }: Neighbour,
  packet: (header: { from: string; next: number; flow: number }, ...payload: Part[]) => Buffer,
): Frames {
  const later = (next: number, flow: number, data: Part) =>
    packet({ from, next: NEXT.fragment, flow }, fragment(next, 1, false), data)
  return {
    'a later fragment by IPv6, with data that looks like DHCPv6': later(NEXT.udp, 0, udp(547, 546)),
    'a later fragment by IPv6, with data that looks like an advertisement': later(
      NEXT.icmpv6,
      0,
      icmp6({ from, to: ALL_NODES }, 134, [64, 0, 7, 8]),
    ),
    'a later fragment by IPv6, with a flow label of 546': later(NEXT.udp, 546, DATAGRAM),
    'a later fragment by IPv6, with a flow label of 68': later(NEXT.udp, 68, DATAGRAM),
  }
}
