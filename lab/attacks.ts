import {
  addressBytes,
  arp,
  ETHERTYPE,
  ethernet,
  fragment,
  icmp6,
  ipv4,
  ipv6,
  NEXT,
  type Part,
  padding,
  rarp,
  u16,
  udp,
  udp6,
} from './ether.ts'

/** One of the network, as others know it. */
export interface Neighbour {
  readonly mac: string
  readonly ipv4: string
  readonly ipv6: string
  /** Of its MAC. */
  readonly linkLocal: string
  /** Of its own making (RFC 7217). */
  readonly privateLinkLocal: string
}

/** A frame under the name of what it does. */
export type Frames = Readonly<Record<string, Buffer>>

const ALL_NODES = 'ff02::1'
const ELSEWHERE = { ipv4: '198.51.100.8', ipv6: '2001:db8:ffff::8' }
const ROUTER_ADVERTISEMENT = { type: 134, rest: [64, 0, ...u16(1800), 0, 0, 0, 0, 0, 0, 0, 0] }

/** What a guest that means no good can send from its port, by what of it is not its own. */
export function attacks(
  self: Neighbour,
  victim: Neighbour,
  gateway: { ipv4: string; linkLocal: string },
): Frames {
  const own4 = (header: Partial<Parameters<typeof ipv4>[0]>, ...payload: Part[]) =>
    ethernet(
      { from: self.mac, type: ETHERTYPE.ipv4 },
      ipv4({ from: self.ipv4, to: victim.ipv4, ...header }, ...payload),
    )
  const own6 = (header: { from: string; to?: string; next: number }, ...payload: Part[]) =>
    ethernet({ from: self.mac, type: ETHERTYPE.ipv6 }, ipv6({ to: ALL_NODES, ...header }, ...payload))
  const ownArp = (said: Partial<Parameters<typeof arp>[0]>) =>
    ethernet(
      { from: self.mac, type: ETHERTYPE.arp },
      arp({ mac: self.mac, address: self.ipv4, target: self.ipv4, ...said }),
    )
  const datagram = udp(1234, 9999, [1, 2, 3, 4])
  const datagram6 = (from: string) => udp6({ from, to: ALL_NODES }, 1234, 9999)
  const advertisement = (address: string) =>
    icmp6(
      { from: self.linkLocal, to: ALL_NODES },
      136,
      [0x20, 0, 0, 0],
      addressBytes(address),
      [2, 1],
      self.mac,
    )
  const advertise = (address: string) =>
    own6({ from: self.linkLocal, next: NEXT.icmpv6 }, advertisement(address))
  const claim = (address: string) =>
    own6(
      { from: '::', next: NEXT.icmpv6 },
      icmp6({ from: '::', to: ALL_NODES }, 135, [0, 0, 0, 0], addressBytes(address)),
    )
  const routerSaid = icmp6(
    { from: self.linkLocal, to: ALL_NODES },
    ROUTER_ADVERTISEMENT.type,
    ROUTER_ADVERTISEMENT.rest,
  )
  const asRouter = (next: number, ...payload: Part[]) => own6({ from: self.linkLocal, next }, ...payload)
  const plain = { from: self.mac, type: ETHERTYPE.ipv4 }
  const packet = ipv4({ from: self.ipv4, to: victim.ipv4 }, datagram)
  return {
    'mac: of another': ethernet({ ...plain, from: victim.mac }, packet),
    'mac: of nobody': ethernet({ ...plain, from: '02:00:00:00:00:99' }, packet),
    'mac: multicast': ethernet({ ...plain, from: '03:00:00:00:00:99' }, packet),
    'arp: in the name of another': ownArp({ address: victim.ipv4, target: victim.ipv4 }),
    'arp: in the name of the gateway': ownArp({ address: gateway.ipv4 }),
    'arp: a question in the name of another': ownArp({
      address: victim.ipv4,
      operation: 1,
      target: gateway.ipv4,
    }),
    'arp: its own address at the MAC of another': ownArp({ mac: victim.mac }),
    'arp: a probe for the address of another': ownArp({
      address: '0.0.0.0',
      operation: 1,
      target: victim.ipv4,
    }),
    'ipv4: from another': own4({ from: victim.ipv4 }, datagram),
    'ipv4: from elsewhere': own4({ from: ELSEWHERE.ipv4 }, datagram),
    'ipv4: from nobody': own4({ from: '0.0.0.0' }, datagram),
    'ipv4: from another, with options': own4({ from: victim.ipv4, options: [1, 1, 1, 0] }, datagram),
    'ipv4: from another, a first fragment': own4(
      { from: victim.ipv4, moreFragments: true },
      datagram,
      new Uint8Array(4),
    ),
    'ipv4: from another, a later fragment': own4({ from: victim.ipv4, fragmentOffset: 2 }, datagram),
    'ipv6: from another': own6({ from: victim.ipv6, next: NEXT.udp }, datagram6(victim.ipv6)),
    'ipv6: from elsewhere': own6({ from: ELSEWHERE.ipv6, next: NEXT.udp }, datagram6(ELSEWHERE.ipv6)),
    'ipv6: from nobody': own6({ from: '::', next: NEXT.udp }, datagram6('::')),
    'ipv6: from the link-local address of another': own6(
      { from: victim.linkLocal, next: NEXT.udp },
      datagram6(victim.linkLocal),
    ),
    'ipv6: from the link-local address that another made': own6(
      { from: victim.privateLinkLocal, next: NEXT.udp },
      datagram6(victim.privateLinkLocal),
    ),
    'ipv6: from the gateway': own6({ from: gateway.linkLocal, next: NEXT.udp }, datagram6(gateway.linkLocal)),
    'ipv6: from another, behind options': own6(
      { from: victim.ipv6, next: NEXT.hopByHop },
      padding(NEXT.udp),
      datagram6(victim.ipv6),
    ),
    'ipv6: from another, a later fragment': own6(
      { from: victim.ipv6, next: NEXT.fragment },
      fragment(NEXT.udp, 1, false),
      datagram,
    ),
    'nd: another’s address': advertise(victim.ipv6),
    'nd: another’s link-local address': advertise(victim.linkLocal),
    'nd: the link-local address that another made': advertise(victim.privateLinkLocal),
    'nd: the gateway': advertise(gateway.linkLocal),
    'nd: another’s address, behind options': own6(
      { from: self.linkLocal, next: NEXT.destinationOptions },
      padding(NEXT.icmpv6),
      advertisement(victim.ipv6),
    ),
    'nd: another’s address, asked for first': claim(victim.ipv6),
    'nd: another’s link-local address, asked for first': claim(victim.linkLocal),
    'ra: plain': asRouter(NEXT.icmpv6, routerSaid),
    'ra: behind options': asRouter(NEXT.hopByHop, padding(NEXT.icmpv6), routerSaid),
    'ra: in a single fragment': asRouter(NEXT.fragment, fragment(NEXT.icmpv6, 0, false), routerSaid),
    'ra: hidden, the first fragment has options alone': asRouter(
      NEXT.fragment,
      fragment(NEXT.destinationOptions, 0, true),
      // A mark takes the place of what is missing.
      padding(NEXT.icmpv6, 4).subarray(0, 16),
    ),
    'ra: hidden, the fragment after it': asRouter(
      NEXT.fragment,
      fragment(NEXT.destinationOptions, 2, false),
      routerSaid,
    ),
    'ra: a redirect': asRouter(
      NEXT.icmpv6,
      icmp6(
        { from: self.linkLocal, to: ALL_NODES },
        137,
        [0, 0, 0, 0],
        addressBytes(self.linkLocal),
        addressBytes(ELSEWHERE.ipv6),
      ),
    ),
    'dhcp: an answer': own4({ to: '255.255.255.255' }, udp(67, 68, new Uint8Array(240))),
    'dhcp: an answer from another port': own4({ to: '255.255.255.255' }, udp(1234, 68, new Uint8Array(240))),
    'dhcp: an answer by DHCPv6': own6(
      { from: self.linkLocal, next: NEXT.udp },
      udp6({ from: self.linkLocal, to: ALL_NODES }, 547, 546),
    ),
    'tag: a VLAN': ethernet({ ...plain, tags: [5] }, packet),
    'tag: two VLANs': ethernet({ ...plain, tags: [5, 6] }, packet),
    'tag: a service VLAN': ethernet({ ...plain, tags: [{ type: 0x88a8, vlan: 5 }, 6] }, packet),
    'tag: a priority, from another': ethernet(
      { ...plain, tags: [0x2000] },
      ipv4({ from: victim.ipv4, to: gateway.ipv4 }, datagram),
    ),
    'ethertype: LLDP': ethernet({ ...plain, type: 0x88cc }, new Uint8Array(50)),
    'ethertype: PPPoE': ethernet({ ...plain, type: 0x8863 }, new Uint8Array(50)),
    'ethertype: MPLS': ethernet({ ...plain, type: 0x8847 }, new Uint8Array(50)),
    'ethertype: experimental': ethernet({ ...plain, type: 0x88b5 }, new Uint8Array(50)),
    'ethertype: a length, as of LLC': ethernet({ ...plain, type: 50 }, new Uint8Array(50)),
    'ethertype: an answer by RARP': ethernet({ ...plain, type: ETHERTYPE.rarp }, rarp(self.mac, 4)),
  }
}

/** What an honest guest sends. */
export function honest(self: Neighbour, gateway: { ipv4: string }): Frames {
  const frame4 = { from: self.mac, type: ETHERTYPE.ipv4 }
  const datagram = udp(1234, 9999, [1, 2, 3, 4])
  const packet = ipv4({ from: self.ipv4, to: gateway.ipv4 }, datagram)
  const own6 = (header: { from: string; to?: string; next: number }, ...payload: Part[]) =>
    ethernet({ from: self.mac, type: ETHERTYPE.ipv6 }, ipv6({ to: ALL_NODES, ...header }, ...payload))
  const says = (from: string, type: number, ...rest: Part[]) =>
    own6({ from, next: NEXT.icmpv6 }, icmp6({ from, to: ALL_NODES }, type, ...rest))
  return {
    'its own packet': ethernet(frame4, packet),
    'a later fragment of its own': ethernet(
      frame4,
      ipv4({ from: self.ipv4, to: gateway.ipv4, fragmentOffset: 2 }, datagram),
    ),
    'its own packet with a priority': ethernet({ ...frame4, tags: [0x2000] }, packet),
    'its own ARP': ethernet(
      { ...frame4, type: ETHERTYPE.arp },
      arp({ mac: self.mac, address: self.ipv4, target: self.ipv4 }),
    ),
    'an ARP probe for its own address': ethernet(
      { ...frame4, type: ETHERTYPE.arp },
      arp({ mac: self.mac, address: '0.0.0.0', target: self.ipv4, operation: 1 }),
    ),
    'RARP, as QEMU sends it': ethernet({ ...frame4, type: ETHERTYPE.rarp }, rarp(self.mac)),
    'IGMP before it has an address': ethernet(
      frame4,
      ipv4({ from: '0.0.0.0', to: '224.0.0.22', protocol: 2 }, new Uint8Array(8)),
    ),
    'its own packet by IPv6': own6(
      { from: self.ipv6, next: NEXT.udp },
      udp6({ from: self.ipv6, to: ALL_NODES }, 1234, 9999),
    ),
    'fragments of its own by IPv6': own6(
      { from: self.ipv6, next: NEXT.fragment },
      fragment(NEXT.icmpv6, 1, false),
      datagram,
    ),
    'its own address': says(self.ipv6, 136, [0x20, 0, 0, 0], addressBytes(self.ipv6)),
    'its own address, asked for first': says('::', 135, [0, 0, 0, 0], addressBytes(self.ipv6)),
    'its link-local address': says(self.linkLocal, 136, [0x20, 0, 0, 0], addressBytes(self.linkLocal)),
    'a link-local address of its own making, asked for first': says(
      '::',
      135,
      [0, 0, 0, 0],
      addressBytes(self.privateLinkLocal),
    ),
    'a link-local address of its own making': says(
      self.privateLinkLocal,
      136,
      [0x20, 0, 0, 0],
      addressBytes(self.privateLinkLocal),
    ),
    'who is there?': says(self.linkLocal, 135, [0, 0, 0, 0], addressBytes('fe80::1')),
    'a router solicitation without an address': says('::', 133, [0, 0, 0, 0]),
    'a multicast report without an address': own6(
      { from: '::', next: NEXT.hopByHop },
      padding(NEXT.icmpv6),
      icmp6({ from: '::', to: ALL_NODES }, 143, [0, 0, 0, 0]),
    ),
    'a question by DHCPv6': own6(
      { from: self.linkLocal, next: NEXT.udp },
      udp6({ from: self.linkLocal, to: ALL_NODES }, 546, 547),
    ),
  }
}
