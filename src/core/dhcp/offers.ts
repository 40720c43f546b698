import type { Addressed } from '../advertising/advertisement.ts'
import { type Guest, type Nic, networkOf, type StaticAddress, staticsOf } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import { describeNic } from '../guest/names.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Link, Links } from '../node/link.ts'
import type { Resolver } from '../node/resolver.ts'
import { type DhcpPolicy, exclusionOf, isLeftToOthers } from '../policy/dhcp.ts'
import type { Problem } from '../problem/problem.ts'
import type { Refusal, Where } from '../problem/refusal.ts'
import { noBridgeRefusal, noMacRefusal, templateRefusal, unusableRefusal } from '../ruling/presence.ts'
import type { Path } from '../text/yaml.ts'
import {
  type Address,
  addressOf4,
  type Cidr4,
  contains4,
  type Ipv4,
  isIpv4,
  isIpv6,
  isUnicast,
  lengthOf,
} from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import { isSameList } from '../values/memo.ts'
import { describeNetwork, type Network } from '../values/network.ts'
import { hostnameOf, isDomain, type Names, namesFor } from './guestNames.ts'
import type { CommonOffer, Offer } from './offer.ts'
import { PROBE_ADDRESS, SERVER_ADDRESS } from './slot.ts'

/** What offers depend on besides the guest itself. */
export interface OfferContext {
  readonly links: Links
  readonly resolver: Resolver
  /** SDN vnets that Proxmox's own dnsmasq serves. */
  readonly vnetsWithDhcp: ReadonlySet<string>
  readonly policy: DhcpPolicy
  /** Where a key of the policy's part `dhcp` is written. */
  readonly policyPlace: (path: Path) => Where | undefined
  readonly notesOf: (vmid: Guest['vmid']) => LocatedNotes
}

export interface GuestOffers {
  readonly offers: readonly Offer[]
  /** NICs that are to have an IPv6 address, be it by another's DHCPv6. */
  readonly addressed: readonly Addressed[]
  readonly refused: readonly RefusedOffer[]
  readonly problems: readonly Problem[]
}

/** A static address of a NIC that is not offered. */
export interface RefusedOffer {
  readonly vmid: number
  readonly type: Guest['type']
  readonly nic: number
  readonly family: Family
  readonly refusal: Refusal
}

/** What was made of a guest, and what of the context that depended on. */
const MADE = new WeakMap<Guest, { readonly basis: readonly unknown[]; readonly made: GuestOffers }>()

/** What a guest's NICs should be offered, judged by this guest alone. The same, not only equal, while nothing of it changes. */
export function offersOf(guest: Guest, context: OfferContext): GuestOffers {
  const { resolver, vnetsWithDhcp, policy, notesOf, links } = context
  const mtus = guest.nics.map(({ bridge }) => bridge !== undefined && links.get(bridge)?.mtu)
  const basis = [resolver, vnetsWithDhcp, policy, notesOf(guest.vmid), ...mtus]
  const known = MADE.get(guest)
  if (known && isSameList(known.basis, basis)) return known.made
  const made = makeOffers(guest, context)
  MADE.set(guest, { basis, made })
  return made
}

function makeOffers(guest: Guest, context: OfferContext): GuestOffers {
  const problems: Problem[] = []
  const refused: RefusedOffer[] = []
  const offers: Offer[] = []
  const addressed: Addressed[] = []
  let names: Names | undefined
  const written = guest.nics.flatMap(nic => staticsOf(nic.addressing).map(address => ({ nic, address })))
  for (const { nic, address } of written) {
    const judged = judge(guest, nic, address, context)
    const { vmid, type } = guest
    const refuse = (refusal: Refusal) =>
      refused.push({ vmid, type, nic: nic.index, family: address.family, refusal })
    if ('code' in judged) {
      refuse(judged)
      continue
    }
    names ??= namesFor(guest, context.resolver, problems)
    const offer = offerOf(guest, nic, { ...judged, ...names, address }, context, problems)
    if (offer.family === 'ipv6') addressed.push(offer)
    if (judged.left) refuse(judged.left)
    else offers.push(offer)
  }
  return { offers, addressed, refused, problems }
}

/** What an offer needs besides the address. */
interface Permitted {
  readonly network: Network
  readonly mac: Mac
  /** Why it is left to others to offer it. */
  readonly left?: Refusal
}

/** Why an address is not offered, or what else an offer needs. */
function judge(
  guest: Guest,
  nic: Nic,
  { family, address }: StaticAddress,
  { vnetsWithDhcp, policy, policyPlace, notesOf }: OfferContext,
): Refusal | Permitted {
  const where = { file: guest.file, line: nic.line }
  if (guest.template) return templateRefusal(guest)
  const network = networkOf(nic)
  if (!network) return noBridgeRefusal(where)
  if (!nic.mac) return noMacRefusal(where)
  if (vnetsWithDhcp.has(network.bridge)) {
    return {
      code: 'sdn-has-dhcp',
      message: `the SDN zone of ${network.bridge} has a DHCP server of its own, and two would contradict each other`,
      remedy: 'Set the address in the IPAM of the SDN zone, or switch DHCP off for that zone.',
      where,
    }
  }
  const excluded = policyRefusal(policy, network, family, policyPlace)
  const left = excluded && isLeftToOthers(policy, network, family) ? excluded : undefined
  if (excluded && !left) return excluded
  const notes = notesOf(guest.vmid)
  if (!notes.dhcp) {
    return {
      code: 'notes-off',
      message: "the guest's Notes say `dhcp: false`",
      remedy: 'Remove that from the Notes.',
      where: { file: guest.file, ...(notes.lines.dhcp !== undefined && { line: notes.lines.dhcp }) },
    }
  }
  if (!mayBeOffered(address)) {
    return unusableRefusal(address, where)
  }
  return { network, mac: nic.mac, ...(left && { left }) }
}

/** A lease of what Kea itself has would stop it from starting. */
function mayBeOffered(address: Address): boolean {
  return isUnicast(address) && address !== SERVER_ADDRESS && address !== PROBE_ADDRESS
}

function policyRefusal(
  policy: DhcpPolicy,
  network: Network,
  family: Family,
  policyPlace: OfferContext['policyPlace'],
): Refusal | undefined {
  const exclusion = exclusionOf(policy, network, family)
  if (!exclusion) return undefined
  const where = policyPlace(exclusion.path)
  const named = exclusion.path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
  return exclusion.why === 'disabled'
    ? {
        code: 'dhcp-disabled',
        message: 'the policy switches DHCP off (`dhcp.enabled: false`)',
        remedy: 'Remove that from the policy.',
        ...(where && { where }),
      }
    : {
        code: 'excluded-by-policy',
        message: `the policy leaves ${describeNetwork(network)} alone (\`dhcp${named}\`)`,
        remedy: 'Change that in the policy if guestnet is to serve there.',
        ...(where && { where }),
      }
}

/** An address that may be offered, with what goes into its offer. */
interface Judged extends Names {
  readonly network: Network
  readonly mac: Mac
  readonly address: StaticAddress
}

function offerOf(guest: Guest, nic: Nic, judged: Judged, context: OfferContext, problems: Problem[]): Offer {
  doubtsAbout(guest, nic, judged.address, problems)
  const { dns, address } = judged
  const common = commonOf(guest, nic, judged, context)
  if (address.family === 'ipv4') {
    const { family, cidr, gateway } = address
    return { ...common, family, address: cidr, ...(gateway && { gateway }), dns: dns.filter(isIpv4) }
  }
  const { family, cidr, gateway } = address
  return { ...common, family, address: cidr, ...(gateway && { gateway }), dns: dns.filter(isIpv6) }
}

/** What may be wrong with an address that is offered all the same. */
function doubtsAbout(guest: Guest, nic: Nic, address: StaticAddress, problems: Problem[]): void {
  const { cidr, gateway } = address
  const about = { file: guest.file, line: nic.line, vmid: guest.vmid, nic: nic.index }
  const name = describeNic({ ...guest, nic: nic.index })
  if (guest.type === 'qemu' && guest.cicustom?.includes('network=')) {
    problems.push({
      ...about,
      code: 'cicustom-network',
      message: `${name} is offered ${cidr} by DHCP, but its cicustom setting replaces the network part of cloud-init: the guest may be told something else there.`,
      remedy: 'Keep both the same, or remove network= from cicustom.',
    })
  }
  const doubt =
    address.family === 'ipv4' && address.gateway ? doubtAbout(address.cidr, address.gateway) : undefined
  if (doubt) {
    problems.push({
      ...about,
      code: 'gateway-unreachable',
      message: `${name} has ${cidr} with the gateway ${gateway}, ${doubt.message}`,
      remedy: doubt.remedy,
    })
  }
}

function commonOf(
  guest: Guest,
  nic: Nic,
  { network, mac, search }: Judged,
  { links }: OfferContext,
): CommonOffer {
  const mtu = mtuOf(guest, nic, links.get(network.bridge))
  const domain = guest.name?.includes('.') ? guest.name.slice(guest.name.indexOf('.') + 1) : search[0]
  return {
    vmid: guest.vmid,
    type: guest.type,
    nic: nic.index,
    link: linkNameOf(guest, nic.index),
    mac,
    network,
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
