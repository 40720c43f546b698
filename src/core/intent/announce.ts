import { type Address, isIpv4, type Prefix } from '../address.ts'
import type { Announcement } from '../announcement.ts'
import type { FurtherRoute } from '../further.ts'
import { type Guest, type Nic, staticAddresses, type Vmid } from '../guest.ts'
import type { Lease } from '../lease.ts'
import type { Links } from '../link.ts'
import type { Mac } from '../mac.ts'
import { describeNetwork } from '../network.ts'
import type { GuestNotes } from '../notes.ts'
import { describeNic } from '../offer.ts'
import type { AnnouncedNetwork, AnnouncePolicy } from '../policy/announce.ts'
import { mayLeave } from '../policy/announced.ts'
import { contains, overlaps } from '../prefix.ts'
import type { Problem } from '../problem.ts'
import type { GuestRoute, Neighbour, Routing } from '../routing.ts'
import { type Contender, contend } from './contend.ts'
import { gatewaysFor, proxiesFor, rulesFor } from './gateway.ts'
import { isLive } from './liveness.ts'
import type { NetworkOnDevice } from './networkOnDevice.ts'

/** What announcing depends on. */
export interface AnnounceInput {
  readonly node: string
  readonly guests: readonly Guest[]
  readonly notesOf: (vmid: Vmid) => GuestNotes
  readonly running: ReadonlySet<number>
  readonly policy: AnnouncePolicy
  readonly links: Links
  /** guestnet's neighbour entries as they are in the kernel. */
  readonly neighbours: readonly Neighbour[]
  readonly leases: readonly Lease[]
  /** Whether a guest's link is the one it was at the last look. */
  readonly isSamePort: (guest: Guest, nic: Nic) => boolean
}

/** What should be in the kernel and told to others. */
export interface AnnounceIntent {
  readonly routing: Routing
  readonly announcements: readonly Announcement[]
  readonly problems: readonly Problem[]
}

/** A guest's address in an announced network. */
interface Candidate extends Contender {
  readonly guest: Guest
  readonly index: Nic
  readonly mac: Mac
  readonly address: Address
  readonly device: string
}

/** From what was read to what the kernel and BGP should know about the guests that live here. Pure. */
export function announce(given: AnnounceInput): AnnounceIntent {
  const input: Context = { ...given, ...knownOf(given.neighbours) }
  const problems: Problem[] = []
  const networks = usableNetworks(input, problems)
  const local = input.guests.flatMap(guest => candidatesOf(guest, networks, input))
  const rivals = rivalsOf(local, networks, input)
  const ruling = contend([...local, ...rivals], ({ address }) => address)
  const isLocal = new Set(local)
  for (const { claim, holder } of ruling.lost)
    if (isLocal.has(claim)) problems.push(duplicateProblem(claim, holder))
  const held = ruling.held.filter(candidate => isLocal.has(candidate))
  const addresses = [...held, ...retained(held, networks, input)]
  const routed = routedPrefixes(held, input, problems)
  const routes = [...addresses.map(hostRoute), ...routed.map(({ route }) => route)]
  return {
    routing: {
      table: input.policy.table,
      routes,
      neighbours: addresses.map(({ address, mac, device }) => ({ address, mac, device })),
      proxies: proxiesFor(input.guests, networks, new Set(addresses.map(({ address }) => address))),
      rules: rulesFor(networks),
      gateways: gatewaysFor(networks, input.links, problems),
    },
    announcements: [
      ...addresses.map(candidate => announcementOf(candidate, hostPrefix(candidate.address), input)),
      ...routed.map(({ candidate, route }) => announcementOf(candidate, route.prefix, input)),
    ],
    problems,
  }
}

/** What is asked, and what the kernel has already, ready for being looked up. */
interface Context extends AnnounceInput {
  readonly knownMacs: ReadonlySet<Mac>
  /** `ADDRESS MAC`. */
  readonly knownNeighbours: ReadonlySet<string>
}

function knownOf(neighbours: readonly Neighbour[]): Pick<Context, 'knownMacs' | 'knownNeighbours'> {
  return {
    knownMacs: new Set(neighbours.map(({ mac }) => mac)),
    knownNeighbours: new Set(neighbours.map(({ address, mac }) => `${address} ${mac}`)),
  }
}

function usableNetworks({ policy, links }: AnnounceInput, problems: Problem[]): NetworkOnDevice[] {
  return policy.networks.flatMap(network => {
    // A network that has no bridge on this node has no guests on it either.
    if (!links.has(network.bridge)) return []
    const name = deviceOf(network, links)
    const device = links.get(name)
    if (device?.up) return [{ network, device }]
    problems.push({
      code: 'device-missing',
      message: `${describeNetwork(network)} is announced, but its link ${name} ${device ? 'is down' : 'does not exist'} on this node, so its guests cannot be reached through it.`,
      remedy: `Bring ${name} up, or name another link as device in the policy.`,
    })
    return []
  })
}

/** On a tagged network the VLAN's own link, however Proxmox made it: of a VLAN-aware bridge, or a bridge per VLAN. */
export function deviceOf({ bridge, tag, device }: AnnouncedNetwork, links: Links): string {
  if (device !== undefined) return device
  if (tag === undefined) return bridge
  return links.has(`${bridge}.${tag}`) ? `${bridge}.${tag}` : `${bridge}v${tag}`
}

function candidatesOf(guest: Guest, networks: readonly NetworkOnDevice[], input: Context): Candidate[] {
  const { node, links, notesOf, knownMacs } = input
  if (guest.node !== node || !notesOf(guest.vmid).announce) return []
  return guest.nics.flatMap(nic => {
    const on = onNetwork(nic, networks)
    if (!on || !nic.mac || !isLive(guest, nic, { node, links, isKnown: mac => knownMacs.has(mac) })) return []
    return announced(nic, on).map(address => candidate(guest, nic, { address, on, input, runningHere: true }))
  })
}

/** Guests elsewhere that want an address some guest here wants too. */
function rivalsOf(
  local: readonly Candidate[],
  networks: readonly NetworkOnDevice[],
  input: Context,
): Candidate[] {
  const wanted = new Set(local.map(({ address }) => address))
  const others = input.guests.filter(guest => guest.node !== input.node && !guest.template)
  return others.flatMap(guest =>
    guest.nics
      // First the cheap question: there may be thousands of guests elsewhere.
      .filter(({ addressing }) => staticAddresses(addressing).some(address => wanted.has(address)))
      .flatMap(nic => {
        const on = onNetwork(nic, networks)
        const addresses = on ? announced(nic, on).filter(address => wanted.has(address)) : []
        return on
          ? addresses.map(address => candidate(guest, nic, { address, on, input, runningHere: false }))
          : []
      }),
  )
}

function onNetwork({ bridge, tag }: Nic, networks: readonly NetworkOnDevice[]): NetworkOnDevice | undefined {
  return networks.find(({ network }) => network.bridge === bridge && network.tag === tag)
}

function announced({ addressing }: Nic, { network }: NetworkOnDevice): Address[] {
  return staticAddresses(addressing).filter(address => mayLeave(network, hostPrefix(address)))
}

function candidate(
  guest: Guest,
  nic: Nic,
  about: { address: Address; on: NetworkOnDevice; input: Context; runningHere: boolean },
): Candidate {
  const { address, on, input, runningHere } = about
  const mac = nic.mac ?? ('' as Mac)
  return {
    guest,
    index: nic,
    vmid: guest.vmid,
    nic: nic.index,
    mac,
    address,
    device: on.device.name,
    runningHere,
    servedHere: runningHere && input.knownNeighbours.has(`${address} ${mac}`),
    runningElsewhere: !runningHere && input.running.has(guest.vmid),
  }
}

/**
 * A former address of a guest that goes on running: it stays until the guest has taken its new one by DHCP or its port is
 * another one, unless somebody else wants it.
 */
function retained(
  held: readonly Candidate[],
  networks: readonly NetworkOnDevice[],
  input: AnnounceInput,
): Candidate[] {
  const current = new Set(held.map(({ address, mac }) => `${address} ${mac}`))
  const former = input.neighbours.filter(({ address, mac }) => !current.has(`${address} ${mac}`))
  if (former.length === 0) return []
  const wanted = new Set<Address>(
    input.guests.flatMap(guest => guest.nics.flatMap(nic => staticAddresses(nic.addressing))),
  )
  const leased = new Set(input.leases.map(({ address, mac }) => `${address} ${mac}`))
  return former.flatMap(({ address, mac, device }) => {
    const owner = held.find(
      candidate =>
        candidate.mac === mac && candidate.device === device && isIpv4(candidate.address) === isIpv4(address),
    )
    const on = networks.find(network => network.device.name === device)
    if (!owner || !on || wanted.has(address) || leased.has(`${owner.address} ${mac}`)) {
      return []
    }
    if (!input.isSamePort(owner.guest, owner.index) || !mayLeave(on.network, hostPrefix(address))) return []
    return [{ ...owner, address }]
  })
}

/** A prefix that somebody wants behind a guest, and who says so. */
interface WishedRoute extends FurtherRoute {
  readonly guest: Guest
  readonly file: string
  readonly source: 'Notes' | 'fast-announcer file'
}

/** A prefix behind a guest, and the address of the guest that it is announced with. */
interface RoutedPrefix {
  readonly candidate: Candidate
  readonly route: GuestRoute
}

/** Prefixes behind guests: inside the policy, and nobody else's. */
function routedPrefixes(
  held: readonly Candidate[],
  input: AnnounceInput,
  problems: Problem[],
): RoutedPrefix[] {
  const routed: RoutedPrefix[] = []
  for (const guest of new Set(held.map(candidate => candidate.guest))) {
    const own = held.filter(candidate => candidate.guest === guest)
    for (const wish of wishedRoutes(guest, input)) {
      const way = wayTo(wish, own)
      const objection = typeof way === 'string' ? way : objectionTo(wish.prefix, guest, routed, input)
      if (typeof way === 'string' || objection !== undefined)
        problems.push(routeProblem(wish, objection ?? ''))
      else if (!routed.some(({ route }) => route.prefix === wish.prefix)) routed.push(way)
    }
  }
  return routed
}

/** From the guest's Notes, where these are trusted, and from other files. */
function wishedRoutes(guest: Guest, { policy, notesOf }: AnnounceInput): WishedRoute[] {
  const noted = policy.notes === 'trusted' ? notesOf(guest.vmid).routes : []
  const { file = guest.file, routes = [] } = guest.further ?? {}
  return [
    ...noted.map(prefix => ({ guest, prefix, file: guest.file, source: 'Notes' }) as const),
    ...routes.map(route => ({ ...route, guest, file, source: 'fast-announcer file' }) as const),
  ]
}

/** How to reach a prefix behind a guest that has these announced addresses, or why it cannot be. */
function wayTo({ prefix, nextHop, source }: WishedRoute, own: readonly Candidate[]): RoutedPrefix | string {
  const [first] = own
  const sameFamily = own.find(({ address }) => isIpv4(address) === !prefix.includes(':'))
  if (source === 'Notes') {
    return sameFamily ? routeBy(sameFamily, prefix, sameFamily.address) : NO_ADDRESS
  }
  const named = own.find(({ address }) => address === nextHop)
  if (named) return routeBy(named, prefix, named.address)
  if (nextHop !== undefined && !nextHop.startsWith('fe80:'))
    return `its next hop ${nextHop} is no announced address of the guest`
  return first ? routeBy(sameFamily ?? first, prefix, nextHop) : NO_ADDRESS
}

const NO_ADDRESS = 'it has no announced address of that family'

function routeBy(candidate: Candidate, prefix: Prefix, via: Address | undefined): RoutedPrefix {
  return { candidate, route: { prefix, device: candidate.device, ...(via !== undefined && { via }) } }
}

function objectionTo(
  prefix: Prefix,
  guest: Guest,
  routed: readonly RoutedPrefix[],
  { policy, guests }: AnnounceInput,
): string | undefined {
  if (!policy.networks.some(network => mayLeave(network, prefix))) return 'the policy lets no such prefix out'
  const other = guests.find(
    ({ vmid, nics }) =>
      vmid !== guest.vmid &&
      nics.some(({ addressing }) => staticAddresses(addressing).some(address => contains(prefix, address))),
  )
  if (other) return `it holds an address of guest ${other.vmid}`
  const rival = routed.find(
    ({ candidate, route }) => candidate.vmid !== guest.vmid && overlaps(route.prefix, prefix),
  )
  return rival && `guest ${rival.candidate.vmid} has ${rival.route.prefix} behind it`
}

function routeProblem({ guest, prefix, file, source }: WishedRoute, objection: string): Problem {
  return {
    code: 'route-refused',
    message: `The ${source} of guest ${guest.vmid} name${source === 'Notes' ? '' : 's'} ${prefix} as behind it, which is not announced: ${objection}.`,
    remedy: `Correct the ${source}, or the prefixes in the policy.`,
    file,
    vmid: guest.vmid,
  }
}

function duplicateProblem(claim: Candidate, holder: Candidate): Problem {
  return {
    code: 'announce-duplicate',
    message: `${describeNic({ ...claim, type: claim.guest.type, vmid: claim.guest.vmid })} has the address ${claim.address} that guest ${holder.vmid} on node ${holder.guest.node} holds; it is announced for that one only.`,
    remedy: 'Give one of them another address.',
    ...placeOf(claim),
    vmid: claim.vmid,
    nic: claim.nic,
  }
}

/** Where a guest's address is written. */
function placeOf({ guest, index, address }: Candidate): Pick<Problem, 'file' | 'line'> {
  const { further } = guest
  return further && index.addressing.further?.includes(address)
    ? { file: further.file }
    : { file: guest.file, line: index.line }
}

function hostRoute({ address, device }: Candidate): GuestRoute {
  return { prefix: hostPrefix(address), device }
}

/** The prefix that is this address alone. */
export function hostPrefix(address: Address): Prefix {
  return `${address}/${isIpv4(address) ? 32 : 128}` as Prefix
}

function announcementOf(
  { guest, device }: Candidate,
  prefix: Prefix,
  { policy, notesOf }: AnnounceInput,
): Announcement {
  const communities = policy.notes === 'trusted' ? notesOf(guest.vmid).communities : []
  return { prefix, vmid: guest.vmid, device, communities }
}
