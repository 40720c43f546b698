import type { Advertisement } from '../src/core/advertising/advertisement.ts'
import type { AdvertisingObservation } from '../src/core/advertising/observation.ts'
import type { BirdPeer } from '../src/core/announcing/birdSettings.ts'
import type { GuestsInput } from '../src/core/announcing/context.ts'
import type { AnnounceObservation } from '../src/core/announcing/observation.ts'
import { leaseKeyOf } from '../src/core/dhcp/lease.ts'
import type { Kea, PortTable, Served, Slot } from '../src/core/dhcp/observation.ts'
import type { Offer, Offer4, Offer6 } from '../src/core/dhcp/offer.ts'
import type { OfferContext } from '../src/core/dhcp/offers.ts'
import type { ServerId } from '../src/core/dhcp/serverId.ts'
import type { Port } from '../src/core/dhcp/service.ts'
import { NO_GUARD } from '../src/core/guard/observation.ts'
import type { Guest, Nic } from '../src/core/guest/guest.ts'
import { linkNameOf } from '../src/core/guest/links.ts'
import type { GuestType } from '../src/core/guest/names.ts'
import { parseVmid } from '../src/core/guest/names.ts'
import { GuestNotes, type LocatedNotes, NO_NOTES } from '../src/core/guest/notes.ts'
import type { Link, Links } from '../src/core/node/link.ts'
import type { Observation } from '../src/core/observation.ts'
import { networkFor } from '../src/core/policy/announced.ts'
import { DEFAULT_POLICY, type Policy, type PolicyPlace, parsePolicy } from '../src/core/policy/policy.ts'
import type { Reading } from '../src/core/reading.ts'
import { type Claim, claimsOf } from '../src/core/ruling/claim.ts'
import { rule } from '../src/core/ruling/ruling.ts'
import type { Sightings } from '../src/core/ruling/sightings.ts'
import { parseAddress, parseCidr4, parseCidr6, parseIpv4, parseIpv6 } from '../src/core/values/address.ts'
import type { Family } from '../src/core/values/family.ts'
import { FAMILIES } from '../src/core/values/family.ts'
import { parseMac } from '../src/core/values/mac.ts'
import { prefixOf6 } from '../src/core/values/prefix.ts'

/** A parser for tests, which know that what they write is valid. */
function sure<T>(parse: (text: string) => T | undefined): (text: string) => T {
  return text => {
    const value = parse(text)
    if (value === undefined) throw new Error(`the test's own ${JSON.stringify(text)} is not valid`)
    return value
  }
}

export const ipv4 = sure(parseIpv4)
export const ipv6 = sure(parseIpv6)
const addressText = sure(parseAddress)
export const cidr = sure(parseCidr4)
export const cidr6 = sure(parseCidr6)
export const macOf = sure(parseMac)
export const vmidOf = (vmid: number) => sure(parseVmid)(String(vmid))

/** A NIC as a test writes it; what is not given is as on a plain bridge. `null`: the NIC has none. */
export interface GivenNic extends Partial<Omit<Nic, 'addressing' | 'mac' | 'bridge'>> {
  readonly mac?: string | null
  readonly bridge?: string | null
  readonly ip?: string
  readonly gw?: string
  readonly ip6?: string
}

type GivenGuest = Partial<Omit<Guest, 'type' | 'vmid' | 'nics'>>

/** A VM of node pve1, its NICs net0, net1, … */
export function vm(vmid: number, nics: readonly GivenNic[], given: GivenGuest = {}): Guest {
  return guestOf('qemu', vmid, nics, given)
}

/** A container of node pve1, its NICs net0, net1, … */
export function ct(vmid: number, nics: readonly GivenNic[], given: GivenGuest = {}): Guest {
  return guestOf('lxc', vmid, nics, given)
}

function guestOf(type: GuestType, vmid: number, nics: readonly GivenNic[], given: GivenGuest): Guest {
  const folder = type === 'qemu' ? 'qemu-server' : 'lxc'
  return {
    type,
    vmid: vmidOf(vmid),
    node: 'pve1',
    file: `${folder}/${vmid}.conf`,
    template: false,
    nics: nics.map((nic, index) => nicOf(type, vmid, index, nic)),
    notes: [],
    problems: [],
    ...given,
  }
}

function nicOf(type: GuestType, vmid: number, index: number, given: GivenNic): Nic {
  const { mac = macText(vmid, index), bridge = 'vmbr0', ip, gw, ip6, ...rest } = given
  return {
    index,
    ...(mac === null ? {} : { mac: macOf(mac) }),
    ...(bridge === null ? {} : { bridge }),
    ...(type === 'qemu' ? { model: 'virtio' } : {}),
    firewall: false,
    linkDown: false,
    line: index + 1,
    addressing: {
      ...(ip === undefined ? {} : { ip: ip === 'dhcp' || ip === 'manual' ? ip : cidr(ip) }),
      ...(gw === undefined ? {} : { gw: ipv4(gw) }),
      ...(ip6 === undefined ? {} : { ip6: cidr6(ip6) }),
    },
    ...rest,
  }
}

/** A hardware address of its own for each NIC. */
function macText(vmid: number, nic: number): string {
  const octets = [0x52, 0x54, (vmid >> 16) & 0xff, (vmid >> 8) & 0xff, vmid & 0xff, nic]
  return octets.map(octet => octet.toString(16).padStart(2, '0')).join(':')
}

/** What a VM's net0 on vmbr0 is offered. */
export function offer(
  vmid: number,
  given: Partial<Omit<Offer4, 'vmid' | 'address' | 'mac' | 'gateway'>> & {
    address?: string
    mac?: string
    gateway?: string
  } = {},
): Offer4 {
  const {
    type = 'qemu',
    nic = 0,
    address = `192.0.2.${vmid % 256}/24`,
    mac = macText(vmid, nic),
    gateway,
    ...rest
  } = given
  return {
    family: 'ipv4',
    vmid: vmidOf(vmid),
    type,
    nic,
    link: linkNameOf({ type, vmid: vmidOf(vmid) }, nic),
    mac: macOf(mac),
    network: { bridge: 'vmbr0' },
    address: cidr(address),
    ...(gateway === undefined ? {} : { gateway: ipv4(gateway) }),
    dns: [],
    search: [],
    hostname: `VM${vmid}`,
    ...rest,
  }
}

/** What a VM's net0 on vmbr0 is offered by DHCPv6. */
export function offer6(vmid: number, given: Partial<Omit<Offer6, 'vmid'>> = {}): Offer6 {
  const { address: _, gateway: __, dns: ___, ...common } = offer(vmid)
  return { ...common, family: 'ipv6', address: cidr6(`2001:db8::${vmid % 256}/64`), dns: [], ...given }
}

/** What a NIC is told by router advertisements, with a router unless told otherwise. */
export function advertisement(vmid: number, given: Partial<Advertisement> = {}): Advertisement {
  const { type, nic, link, mac, network, address } = { ...offer6(vmid), ...given }
  const told = { router: ipv6('fe80::1'), onLink: prefixOf6(address), mtu: 1500, dns: [], search: [] }
  return { vmid: vmidOf(vmid), type, nic, link, mac, network, ...told, ...given }
}

/** The port of a running guest whose NIC is served, by the first server unless told otherwise. */
export function portOf(offered: Offer, server: ServerId = 'dhcp4-1', ifindex = 2): Port {
  return { link: offered.link, ifindex, services: [{ kind: 'dhcp', server, offer: offered }] }
}

/** A peer of which the policy says nothing but its name, its AS, and what is given. */
export function birdPeer(given: Partial<BirdPeer> = {}): BirdPeer {
  const usual = { bfd: false, defaultRoute: true, ttlSecurity: false, families: [...FAMILIES] }
  return { name: 'rtr01', as: 65_000, ...usual, ...given }
}

/** A claim of a VM of this node. */
export function claim(
  vmid: number,
  given: Partial<Omit<Claim, 'vmid' | 'address' | 'mac'>> & { address?: string; mac?: string } = {},
): Claim {
  const { type = 'qemu', nic = 0, address = '192.0.2.5', mac = macText(vmid, nic), ...rest } = given
  return {
    type,
    vmid: vmidOf(vmid),
    nic,
    node: 'pve1',
    network: { bridge: 'vmbr0' },
    mac: macOf(mac),
    address: addressText(address),
    where: { file: `qemu-server/${vmid}.conf`, line: 1 },
    ...rest,
  }
}

/** What it depends on which guests of node pve1 are announced: with a ruling on just these guests, by what is given. */
export function guestsInput(
  guests: readonly Guest[],
  given: Partial<GuestsInput> & Pick<GuestsInput, 'policy'> & { running?: ReadonlySet<number> },
): GuestsInput {
  const { running = new Set(), policy, notesOf = () => NO_NOTES, links = new Map(), neighbours = [] } = given
  const inUse = new Set(neighbours.map(leaseKeyOf))
  return {
    node: 'pve1',
    guests,
    notesOf,
    asNumbers: [],
    blackholes: [],
    policyPlace: () => undefined,
    ruling: rule({
      claims: guests.flatMap(claimsOf),
      node: 'pve1',
      running,
      isHere: ({ type, vmid, nic }) => links.has(linkNameOf({ type, vmid }, nic)),
      isInUse: wanted => inUse.has(leaseKeyOf(wanted)),
      isAnnounced: ({ network }) => networkFor(policy, network) !== undefined,
      ...SEEN_NOTHING,
      records: new Map(),
      grace: 300,
      quorate: true,
      complete: true,
    }),
    links,
    neighbours,
    leases: [],
    announced: [],
    now: 1_800_000_000,
    clocks: new Map(),
    isSamePort: () => true,
    ...given,
  }
}

/** Links that are up, numbered from 2 in this order, each by its name or as given. */
export function linksOf(...given: readonly (string | (Partial<Link> & { name: string }))[]): Links {
  const links = given.map((link, index) => ({
    ifindex: index + 2,
    mtu: 1500,
    up: true,
    carrier: true,
    ...(typeof link === 'string' ? { name: link } : link),
  }))
  return new Map(links.map(link => [link.name, link]))
}

/** An empty table, but for what is given. */
export function table(given: Partial<PortTable> = {}): PortTable {
  return {
    exists: true,
    switches: new Map(),
    open: new Set(),
    chains: new Map(),
    routers: new Map(),
    elements: new Map(),
    ...given,
  }
}

/** The name tests give to a slot's link. */
export function slotLink(slot: number): string {
  return `guestnet-${slot}`
}

/** A Kea as a test writes it. */
export interface GivenKea extends Partial<Served> {
  readonly state?: Kea['state']
  readonly pid?: number
  readonly ending?: boolean
  readonly config?: string
  /** Another version of guestnet started it. */
  readonly unknown?: true
  /** It was started beforehand and serves nothing. */
  readonly spareFor?: Family
}

/** A slot that is ready, with a Kea in it if one is given. */
export function slot(number: number, kea?: GivenKea, network: Slot['network'] = 'ready'): Slot {
  return { number, link: slotLink(number), network, ...(kea && { kea: keaOf(number, kea) }) }
}

function keaOf(number: number, given: GivenKea): Kea {
  const { state = 'answering', pid = 1000 + number, ending = false, config = '' } = given
  const { server = 'dhcp4-1', offers = [], unknown, spareFor } = given
  const serves = unknown || spareFor ? {} : { serves: { server, offers } }
  const common = { config, ...serves, ...(spareFor && { spareFor }) }
  return state === 'dead' ? { ...common, state } : { ...common, state, pid, ending }
}

/** Nobody answers router solicitations yet. */
export const NO_ADVERTISER: AdvertisingObservation = {
  advertiser: { state: 'absent', wasThere: false },
  link: { name: 'guestnet-ra', isUp: false },
  ownAddresses: new Map(),
  soughtRouters: new Map(),
}

/** A node on which guestnet never ran. */
export function observation(given: Partial<Observation> = {}): Observation {
  return {
    holders: new Map(),
    links: new Map(),
    ports: table({ exists: false }),
    guard: { table: NO_GUARD },
    slots: [],
    advertising: NO_ADVERTISER,
    ...given,
  }
}

/** The Notes of guests that have any, by VMID: settings as they would be written, and the lines they are in. */
export function notesOf(
  written: Readonly<Record<number, object>>,
  lines: LocatedNotes['lines'] = {},
): (vmid: number) => LocatedNotes {
  return vmid => (written[vmid] ? { ...GuestNotes.parse(written[vmid]), lines } : NO_NOTES)
}

/** The policy that a file `guestnet.yaml` says, and where its keys stand. */
export function policyFile(yaml: string): { policy: Policy; placeOf: PolicyPlace } {
  const parsed = parsePolicy(yaml, 'guestnet.yaml')
  if (!parsed.ok) throw new Error(`the test's own policy is not valid: ${parsed.problems[0]?.message}`)
  return parsed
}

export function policyOf(yaml: string): Policy {
  return policyFile(yaml).policy
}

/** A node on which nothing was ever announced: an empty kernel, no BIRD, one address of its own. */
export function announceObservation(given: Partial<AnnounceObservation> = {}): AnnounceObservation {
  return {
    routing: { routes: [], foreign: [], neighbours: [], proxies: [], rules: [], gateways: [] },
    bird: { state: 'absent', wasThere: false },
    leases: [],
    now: 1_800_000_000,
    ownAddresses: [ipv4('192.0.2.250')],
    ownEnds: new Map(),
    ...given,
  }
}

/** What an offer depends on where nothing special is configured. */
export function offerContext(given: Partial<OfferContext> = {}): OfferContext {
  return {
    links: new Map(),
    resolver: { nameservers: [], search: [] },
    vnetsWithDhcp: new Set(),
    policy: DEFAULT_POLICY.dhcp,
    policyPlace: () => undefined,
    notesOf: () => NO_NOTES,
    ...given,
  }
}

/** What an agent remembers that has just begun to look. */
export const SEEN_NOTHING: Sightings = {
  now: 1_800_000_000,
  lookingSince: 1_800_000_000,
  lastSeen: () => undefined,
  lastInUse: () => undefined,
  recordSeen: () => 0,
  openSince: () => undefined,
}

/** What node pve1 reads of a cluster with these guests. */
export function readingOf(guests: readonly Guest[], given: Partial<Reading> = {}): Reading {
  const { resolver, vnetsWithDhcp } = offerContext()
  return {
    node: 'pve1',
    guests,
    notesOf: () => NO_NOTES,
    unreadable: new Set(),
    complete: true,
    running: new Set(),
    quorate: true,
    sightings: SEEN_NOTHING,
    clocks: new Map(),
    further: { complete: true, unreadable: new Set() },
    resolver,
    vnetsWithDhcp,
    policy: DEFAULT_POLICY,
    policySource: 'default',
    config: '/etc/pve/guestnet.yaml',
    drained: 'no',
    problems: [],
    provisional: false,
    ...given,
  }
}
