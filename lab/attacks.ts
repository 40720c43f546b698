import { attacks6 } from './attacks6.ts'
import { arp, ETHERTYPE, ethernet, igmp, ipv4, type Part, rarp, udp } from './ether.ts'
import { ELSEWHERE, type Frames, type Gateway, type Neighbour } from './neighbour.ts'

const IGMP = 2
const ALL_HOSTS = '255.255.255.255'

/** What a guest that means no good can send from its port, by what of it is not its own. */
export function attacks(self: Neighbour, victim: Neighbour, gateway: Gateway): Frames {
  return {
    ...byMacAndArp(self, victim, gateway),
    ...byIpv4(self, victim),
    ...attacks6(self, victim, gateway),
    ...byTag(self, victim, gateway),
    ...byEtherType(self, victim),
  }
}

const DATAGRAM = udp(1234, 9999, [1, 2, 3, 4])
const DHCP_ANSWER = udp(67, 68, new Uint8Array(240))

function byMacAndArp(self: Neighbour, victim: Neighbour, gateway: Gateway): Frames {
  const plain = { from: self.mac, type: ETHERTYPE.ipv4 }
  const packet = ipv4({ from: self.ipv4, to: victim.ipv4 }, DATAGRAM)
  const says = (said: Partial<Parameters<typeof arp>[0]>) =>
    ethernet(
      { from: self.mac, type: ETHERTYPE.arp },
      arp({ mac: self.mac, address: self.ipv4, target: self.ipv4, ...said }),
    )
  return {
    'mac: of another': ethernet({ ...plain, from: victim.mac }, packet),
    'mac: of nobody': ethernet({ ...plain, from: '02:00:00:00:00:99' }, packet),
    'mac: multicast': ethernet({ ...plain, from: '03:00:00:00:00:99' }, packet),
    'arp: in the name of another': says({ address: victim.ipv4, target: victim.ipv4 }),
    'arp: in the name of the gateway': says({ address: gateway.ipv4 }),
    'arp: in the name of another, gratuitous': says({
      address: victim.ipv4,
      target: victim.ipv4,
      operation: 1,
    }),
    'arp: a question in the name of another': says({
      address: victim.ipv4,
      operation: 1,
      target: gateway.ipv4,
    }),
    'arp: its own address at the MAC of another': says({ mac: victim.mac }),
    'arp: the MAC of another, without an address': says({
      mac: victim.mac,
      address: '0.0.0.0',
      operation: 1,
    }),
    'arp: a probe for the address of another': says({
      address: '0.0.0.0',
      operation: 1,
      target: victim.ipv4,
    }),
  }
}

function byIpv4(self: Neighbour, victim: Neighbour): Frames {
  const packet = (header: Partial<Parameters<typeof ipv4>[0]>, ...payload: Part[]) =>
    ethernet(
      { from: self.mac, type: ETHERTYPE.ipv4 },
      ipv4({ from: self.ipv4, to: victim.ipv4, ...header }, ...payload),
    )
  const spoofed = { from: victim.ipv4 }
  const toAll = { to: ALL_HOSTS }
  const multicast = { to: '224.0.0.1', protocol: IGMP }
  const query = igmp(0x11, 100, [0, 0, 0, 0])
  return {
    'ipv4: from another': packet(spoofed, DATAGRAM),
    'ipv4: from elsewhere': packet({ from: ELSEWHERE.ipv4 }, DATAGRAM),
    'ipv4: from nobody': packet({ from: '0.0.0.0' }, DATAGRAM),
    'ipv4: from itself': packet({ from: '127.0.0.1' }, DATAGRAM),
    'ipv4: from a group': packet({ from: '224.0.0.1' }, DATAGRAM),
    'ipv4: from all': packet({ from: ALL_HOSTS }, DATAGRAM),
    'ipv4: from another, with options': packet({ ...spoofed, options: [1, 1, 1, 0] }, DATAGRAM),
    'ipv4: from another, a first fragment': packet(
      { ...spoofed, moreFragments: true },
      DATAGRAM,
      new Uint8Array(4),
    ),
    'ipv4: from another, a later fragment': packet({ ...spoofed, fragmentOffset: 2 }, DATAGRAM),
    'ipv4: from another, which is not IPv4': packet({ ...spoofed, version: 5 }, DATAGRAM),
    'dhcp: an answer': packet(toAll, DHCP_ANSWER),
    'dhcp: an answer to one alone': packet({}, DHCP_ANSWER),
    'dhcp: an answer from another port': packet(toAll, udp(1234, 68, new Uint8Array(240))),
    'dhcp: an answer from nobody': packet({ ...toAll, from: '0.0.0.0' }, DHCP_ANSWER),
    'dhcp: an answer, with options of IP': packet({ ...toAll, options: [1, 1, 1, 0] }, DHCP_ANSWER),
    'dhcp: an answer, a first fragment': packet({ ...toAll, moreFragments: true }, DHCP_ANSWER),
    // Some clients read raw frames and ask for less than the kernel.
    'dhcp: an answer which is not IPv4': packet({ ...toAll, version: 5 }, DHCP_ANSWER),
    'igmp: a query': packet(multicast, query),
    'igmp: a query from nobody': packet({ ...multicast, from: '0.0.0.0' }, query),
    'igmp: a query, with options of IP': packet({ ...multicast, options: [148, 4, 0, 0] }, query),
    'igmp: a query, a first fragment': packet({ ...multicast, moreFragments: true }, query),
    'igmp: a multicast router': packet({ ...multicast, to: '224.0.0.106' }, igmp(0x30, 20, [0, 0, 0, 0])),
  }
}

function byTag(self: Neighbour, victim: Neighbour, gateway: Gateway): Frames {
  const tagged = (...tags: NonNullable<Parameters<typeof ethernet>[0]['tags']>[number][]) => ({
    from: self.mac,
    type: ETHERTYPE.ipv4,
    tags,
  })
  const packet = ipv4({ from: self.ipv4, to: victim.ipv4 }, DATAGRAM)
  const spoofed = ipv4({ from: victim.ipv4, to: gateway.ipv4 }, DATAGRAM)
  const service = (vlan: number) => ({ type: 0x88a8, vlan })
  return {
    'tag: a VLAN': ethernet(tagged(5), packet),
    'tag: two VLANs': ethernet(tagged(5, 6), packet),
    'tag: a service VLAN': ethernet(tagged(service(5), 6), packet),
    'tag: a service VLAN alone': ethernet(tagged(service(5)), packet),
    'tag: a service priority': ethernet(tagged(service(0x2000)), packet),
    'tag: a service VLAN, as it once was': ethernet(tagged({ type: 0x9100, vlan: 5 }), packet),
    'tag: a VLAN behind a priority': ethernet(tagged(0x2000, 5), packet),
    'tag: a service VLAN behind a priority': ethernet(tagged(0x2000, service(5)), packet),
    'tag: a priority, from another': ethernet(tagged(0x2000), spoofed),
    'tag: two priorities': ethernet(tagged(0x2000, 0x2000), packet),
    'tag: the last VLAN': ethernet(tagged(4095), packet),
  }
}

function byEtherType(self: Neighbour, victim: Neighbour): Frames {
  const of = (type: number, ...payload: Part[]) => ethernet({ from: self.mac, type }, ...payload)
  const something = new Uint8Array(50)
  const spoofed = ipv4({ from: victim.ipv4, to: ALL_HOSTS }, DATAGRAM)
  const inSnap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0]
  return {
    'ethertype: LLDP': of(0x88cc, something),
    'ethertype: PPPoE': of(0x8863, something),
    'ethertype: MPLS': of(0x8847, something),
    'ethertype: 802.1X': of(0x888e, something),
    'ethertype: flow control': of(0x8808, something),
    'ethertype: MACsec': of(0x88e5, something),
    'ethertype: experimental': of(0x88b5, something),
    'ethertype: a length, as of LLC': of(50, something),
    'ethertype: IPv4 in LLC and SNAP': of(inSnap.length + spoofed.length, inSnap, spoofed),
    'ethertype: an answer by RARP': of(ETHERTYPE.rarp, rarp(self.mac, 4)),
  }
}
