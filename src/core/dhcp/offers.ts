import { type Guest, linkNameOf, type Nic } from '../guest/guest.ts'
import type { Link, Links } from '../node/link.ts'
import type { Problem } from '../problem/problem.ts'
import {
  addressOf4,
  type Cidr4,
  contains4,
  type Ipv4,
  isIpv4,
  isLoopback,
  isUnicast4,
  lengthOf,
  parseAddress,
} from '../values/address.ts'
import { describeNetwork, type Network } from '../values/network.ts'
import { describeGuest, describeNic, type Offer } from './offer.ts'

/** The host's own resolver settings: what Proxmox gives to guests that have none of their own. */
export interface Resolver {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
}

/** What offers depend on besides the guest itself. */
export interface OfferContext {
  readonly links: Links
  readonly resolver: Resolver
  /** SDN vnets that Proxmox's own dnsmasq serves. */
  readonly vnetsWithDhcp: ReadonlySet<string>
  /** Whether the policy and the guest's Notes let this NIC be served. */
  isServed(guest: Guest, network: Network): boolean
}

export interface GuestOffers {
  readonly offers: readonly Offer[]
  /** NICs with a static IPv4 address that get no offer, each with the reason in plain words. */
  readonly refused: readonly Refusal[]
  readonly problems: readonly Problem[]
}

/** Why a NIC is offered nothing. */
export interface Refusal {
  readonly vmid: number
  readonly nic: number
  readonly reason: string
}

/** What a guest's NICs should be offered, judged by this guest alone. */
export function offersOf(guest: Guest, context: OfferContext): GuestOffers {
  const problems: Problem[] = []
  const refused: Refusal[] = []
  const offers: Offer[] = []
  if (guest.template) return { offers, refused, problems }
  for (const nic of guest.nics) {
    const { ip } = nic.addressing
    if (ip === undefined || ip === 'dhcp' || ip === 'manual') continue
    const refusal = refusalOf(guest, nic, ip, context)
    if (refusal) {
      refused.push({ vmid: guest.vmid, nic: nic.index, reason: refusal.message })
      if ('code' in refusal) problems.push(refusal)
    } else if (nic.mac && nic.bridge) {
      offers.push(offerFor(guest, nic, { ip, mac: nic.mac, bridge: nic.bridge }, context, problems))
    }
  }
  return { offers, refused, problems }
}

function refusalOf(
  guest: Guest,
  nic: Nic,
  ip: Cidr4,
  context: OfferContext,
): Problem | { message: string } | undefined {
  const name = describeNic({ ...guest, nic: nic.index })
  const about = { file: guest.file, line: nic.line, vmid: guest.vmid, nic: nic.index }
  if (nic.bridge === undefined) return { message: `${name} is on no bridge` }
  if (!nic.mac) {
    return {
      ...about,
      code: 'mac-missing',
      message: `${name} has the address ${ip} but no MAC address, so Proxmox gives it another one at every start and it cannot be recognised.`,
      remedy: 'Set a MAC address for this NIC.',
    }
  }
  const network = networkOf(nic.bridge, nic.tag)
  if (context.vnetsWithDhcp.has(nic.bridge)) {
    return {
      ...about,
      code: 'other-dhcp',
      message: `${name} is on ${nic.bridge}, whose SDN zone has a DHCP server of its own; two servers would contradict each other, so ${ip} is not offered.`,
      remedy: 'Set the address in the IPAM of the SDN zone, or switch DHCP off for that zone.',
    }
  }
  if (!context.isServed(guest, network)) {
    return { message: `the policy or the guest's Notes leave ${name} on ${describeNetwork(network)} alone` }
  }
  if (!isUnicast4(addressOf4(ip))) {
    return {
      ...about,
      code: 'address-unusable',
      message: `${name} has ${ip}, which no host can have as its address.`,
      remedy: 'Correct the address.',
    }
  }
  return undefined
}

function networkOf(bridge: string, tag: number | undefined): Network {
  return tag === undefined ? { bridge } : { bridge, tag }
}

function offerFor(
  guest: Guest,
  nic: Nic,
  { ip, mac, bridge }: { ip: Cidr4; mac: NonNullable<Nic['mac']>; bridge: string },
  context: OfferContext,
  problems: Problem[],
): Offer {
  const about = { file: guest.file, line: nic.line, vmid: guest.vmid, nic: nic.index }
  const name = describeNic({ ...guest, nic: nic.index })
  const { gw } = nic.addressing
  if (guest.type === 'qemu' && guest.cicustom?.includes('network=')) {
    problems.push({
      ...about,
      code: 'cicustom-network',
      message: `${name} is offered ${ip} by DHCP, but its cicustom setting replaces the network part of cloud-init: the guest may be told something else there.`,
      remedy: 'Keep both the same, or remove network= from cicustom.',
    })
  }
  const doubt = gw === undefined ? undefined : doubtAbout(ip, gw)
  if (doubt) {
    problems.push({
      ...about,
      code: 'gateway-unreachable',
      message: `${name} has ${ip} with the gateway ${gw}, ${doubt.message}`,
      remedy: doubt.remedy,
    })
  }
  const mtu = mtuOf(guest, nic, context.links.get(bridge))
  const search = namesOf(guest, context.resolver, problems)
  const domain = guest.name?.includes('.') ? guest.name.slice(guest.name.indexOf('.') + 1) : search[0]
  return {
    vmid: guest.vmid,
    type: guest.type,
    nic: nic.index,
    link: linkNameOf(guest, nic.index),
    mac,
    network: networkOf(bridge, nic.tag),
    address: ip,
    ...(gw === undefined ? {} : { gateway: gw }),
    dns: nameserversOf(guest, context.resolver, problems),
    search,
    hostname: hostnameOf(guest),
    ...(domain !== undefined && isDomain(domain) ? { domain } : {}),
    ...(mtu === undefined ? {} : { mtu }),
  }
}

/** A /32 is a known way to route to a guest; any other mask promises that the gateway is on the link. */
function doubtAbout(ip: Cidr4, gateway: Ipv4): { message: string; remedy: string } | undefined {
  if (addressOf4(ip) === gateway) {
    return {
      message: 'which is the guest itself: it will reach nothing outside its network.',
      remedy: 'Correct the address or the gateway.',
    }
  }
  if (lengthOf(ip) === 32 || contains4(ip, gateway)) return undefined
  return {
    message: 'which lies outside that network; guests are told to reach it directly, and some ignore that.',
    remedy: 'Correct the address or the gateway, or use a /32 address if this is meant.',
  }
}

/**
 * Bytes, or `undefined` for 1500. A VM takes what is configured (1 means: as the bridge), on virtio only; unconfigured,
 * it believes in 1500, which a bridge with less would drop. A container's link has its bridge's MTU anyway.
 */
function mtuOf(guest: Guest, nic: Nic, bridge: Link | undefined): number | undefined {
  const configured = guest.type === 'qemu' && nic.model !== 'virtio' ? undefined : nic.mtu
  const unconfigured = guest.type === 'lxc' ? bridge?.mtu : Math.min(bridge?.mtu ?? 1500, 1500)
  const mtu = configured === 1 ? bridge?.mtu : (configured ?? unconfigured)
  return mtu === 1500 || mtu === undefined || mtu < 68 || mtu > 65_535 ? undefined : mtu
}

const LABEL = /^(?!-)[a-zA-Z0-9-]{1,63}(?<!-)$/

function isDomain(name: string): boolean {
  return name.length <= 253 && name.split('.').every(label => LABEL.test(label))
}

/** The name up to its first dot, as Proxmox's own cloud-init does; a guest without a usable one is called by its number. */
function hostnameOf(guest: Guest): string {
  const [label] = guest.name?.split('.') ?? []
  if (label !== undefined && LABEL.test(label)) return label
  return describeGuest(guest).replace(' ', '')
}

/** RFC 3397 data longer than one option needs RFC 3396 splitting, which many clients lack. */
const SEARCH_BYTES = 255

function namesOf(guest: Guest, resolver: Resolver, problems: Problem[]): string[] {
  const written = guest.searchdomain?.split(/[\s,;]+/).filter(Boolean)
  const names: string[] = []
  let bytes = 0
  for (const name of written ?? resolver.search) {
    const trimmed = name.replace(/\.$/, '')
    bytes += trimmed.length + 2
    if (isDomain(trimmed) && bytes <= SEARCH_BYTES) names.push(trimmed)
    else if (written) {
      problems.push({
        code: 'searchdomain-unusable',
        message: `${describeGuest(guest)} has the search domain ${JSON.stringify(name)}, which cannot be sent by DHCP.`,
        remedy: 'Correct searchdomain.',
        file: guest.file,
        vmid: guest.vmid,
      })
    }
  }
  return names
}

function nameserversOf(guest: Guest, resolver: Resolver, problems: Problem[]): Ipv4[] {
  const written = guest.nameserver?.split(/[\s,;]+/).filter(Boolean)
  const servers: Ipv4[] = []
  for (const text of written ?? resolver.nameservers) {
    const address = parseAddress(text.replace(/%.*$/, ''))
    if (address === undefined) {
      if (written) problems.push(unusableNameserver(guest, text))
    } else if (isIpv4(address) && (written || !isLoopback(address))) {
      servers.push(address)
    }
  }
  return servers
}

function unusableNameserver(guest: Guest, text: string): Problem {
  return {
    code: 'nameserver-unusable',
    message: `${describeGuest(guest)} has the name server ${JSON.stringify(text)}, which is no address; DHCP can only send addresses.`,
    remedy: 'Write an address in nameserver.',
    file: guest.file,
    vmid: guest.vmid,
  }
}
