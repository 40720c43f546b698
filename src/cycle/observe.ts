import { networkInterfaces } from 'node:os'
import { findPortHolder } from '../bird/port179.ts'
import { advertiserLink } from '../core/advertising/names.ts'
import { needsOwnEnd } from '../core/announcing/bird.ts'
import { ownTables } from '../core/announcing/intent.ts'
import type { AnnounceObservation, ObservedBird } from '../core/announcing/observation.ts'
import type { Kea, Slot } from '../core/dhcp/observation.ts'
import type { Links } from '../core/node/link.ts'
import type { Observation } from '../core/observation.ts'
import { peersFor } from '../core/policy/bgp.ts'
import type { Peer } from '../core/policy/peer.ts'
import type { Reading } from '../core/reading.ts'
import { PROTOCOL } from '../core/routing/routing.ts'
import { type Address, type Ipv4, parseIpv4 } from '../core/values/address.ts'
import { observeAddresses6 } from '../iproute2/addresses6.ts'
import type { SlotNetwork } from '../iproute2/slots.ts'
import { isOwnAddress, sourceAddressFor } from '../iproute2/sourceAddress.ts'
import type { KeasBySlot } from '../kea/servers.ts'
import type { Drivers } from './drivers.ts'

/** What of announcing is looked at. */
export interface AnnounceInterest {
  /** guestnet's own tables. */
  readonly tables: readonly number[]
  /** The links that are to be gateways. */
  readonly devices: readonly string[]
  /** Whether it matters that the node forwards. */
  readonly forwarding: boolean
  readonly peers: readonly Peer[]
}

/** What to look at where nothing is announced: whether something is left of a former policy. */
export const LEFTOVERS: AnnounceInterest = { tables: [PROTOCOL], devices: [], forwarding: false, peers: [] }

/** What to look at, where something is announced. */
export function interestOf({
  policy: { announce, bgp },
  node,
}: Pick<Reading, 'policy' | 'node'>): AnnounceInterest | undefined {
  if (!announce) return undefined
  return {
    tables: ownTables(announce, bgp),
    forwarding: true,
    devices: announce.networks.flatMap(network =>
      network.gateway ? [network.device ?? network.bridge] : [],
    ),
    peers: peersFor(bgp, node),
  }
}

/** What is looked at, and what need not be. */
export interface Interest {
  /** Absent: announcing is not looked at. */
  readonly announcing: AnnounceInterest | undefined
  /** Guests' ports are guarded, so it matters what they have leased. */
  readonly isGuarded: boolean
}

/** What is on the node now. Throws when a program that tells does not work. */
export async function observe(
  drivers: Drivers,
  { announcing: interest, isGuarded }: Interest,
): Promise<Observation> {
  const { ports, keas, retirements, slots } = drivers
  // Before the Keas: one that comes up in between counts as being started still, and is not asked, since it is busy.
  const background = await drivers.preparations.observe()
  const observing = keas.observe(new Set(background.starting.keys()))
  const links = await drivers.links.observe()
  const [holders, table, guard, running, ending, advertiser, announcing] = await Promise.all([
    drivers.holders.observe(),
    ports.observe(links),
    drivers.guard.observe(links),
    observing,
    retirements.observe(),
    drivers.advertiser.observe(),
    interest && observeAnnouncing(drivers, interest, { links, keas: observing }),
  ])
  const leases = announcing?.leases ?? (isGuarded ? await observeLeases(drivers, running) : undefined)
  const known = [...running.keys(), ...background.starting.keys()]
  const networks = await slots.observe({ links, known })
  return {
    holders,
    links,
    ports: table,
    guard: { table: guard, ...(leases && { leases }) },
    advertising: {
      advertiser,
      link: linkSeen(advertiserLink(drivers.name), links),
      ...(drivers.advertiser.failure && { startFailure: drivers.advertiser.failure }),
      ownAddresses: observeAddresses6(),
      soughtRouters: drivers.soughtRouters,
    },
    slots: networks.map(slot => {
      const starting = background.starting.get(slot.number)
      // Its files are there before its process is.
      if (starting) return { ...combine(slot, undefined, false), starting }
      const seen = combine(slot, running.get(slot.number), ending.has(slot.number))
      return background.ready.has(slot.number) ? { ...seen, isReady: true } : seen
    }),
    startFailures: background.failures,
    ...(announcing && { announcing }),
  }
}

async function observeAnnouncing(
  drivers: Drivers,
  { tables, devices, forwarding, peers }: AnnounceInterest,
  { links, keas }: { links: Links; keas: Promise<KeasBySlot> },
): Promise<AnnounceObservation> {
  const [routing, bird, leases, observedForwarding] = await Promise.all([
    drivers.routing.observe({ tables, devices, links }),
    drivers.bird.observe(),
    keas.then(found => observeLeases(drivers, found)),
    drivers.forwarding.observe(forwarding),
  ])
  const [portHolder, ownEnds] = await Promise.all([observePort(bird, peers), observeOwnEnds(peers, bird)])
  return {
    routing,
    bird,
    // For choosing an identifier where there is none yet: the kernel is asked for all links.
    ownAddresses: bird.state === 'running' ? [] : ownAddresses(),
    ownEnds,
    now: Math.floor(Date.now() / 1000),
    ...(leases && { leases }),
    ...(observedForwarding && { forwarding: observedForwarding }),
    ...(portHolder && { portHolder }),
  }
}

/** What guests have leased from the Keas that requests may go to; `undefined` where one of them keeps no file of them. */
async function observeLeases({ keas, retirements }: Drivers, found: KeasBySlot) {
  try {
    const ending = await retirements.observe()
    const slots = [...found].flatMap(([slot, kea]) =>
      kea.state === 'answering' && kea.serves && !ending.has(slot) ? [slot] : [],
    )
    return keas.leasesWritten(slots)
  } catch {
    return undefined
  }
}

/** Who else listens on the port of BGP; a BIRD that runs keeps the port it has, so nobody is asked then. */
async function observePort(bird: ObservedBird, peers: readonly Peer[]) {
  if (bird.state === 'running' || peers.length === 0) return undefined
  return await findPortHolder(bird.state === 'silent' ? bird.pid : undefined)
}

/** A BIRD that runs keeps the ends it has, as long as the node has them: another one would be another session. */
async function observeOwnEnds(peers: readonly Peer[], bird: ObservedBird): Promise<Map<Address, Address>> {
  const former = (bird.state === 'running' && bird.files?.ownEnds) || {}
  const ends = await Promise.all(
    peers.filter(needsOwnEnd).flatMap(({ address }) => (address ? [endOf(address, former[address])] : [])),
  )
  return new Map(ends.flat())
}

async function endOf(peer: Address, former: Address | undefined): Promise<[Address, Address][]> {
  const end = former && (await isOwnAddress(former)) ? former : await sourceAddressFor(peer)
  return end ? [[peer, end]] : []
}

function linkSeen(name: string, links: Links) {
  const link = links.get(name)
  return { name, isUp: link?.up === true && link.carrier }
}

function ownAddresses(): Ipv4[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all.flatMap(({ address, internal }) => (internal ? [] : (parseIpv4(address) ?? [])))
}

function combine(
  seen: SlotNetwork,
  found: KeasBySlot extends ReadonlyMap<number, infer K> ? K | undefined : never,
  ending: boolean,
): Slot {
  const { number, link, namespace } = seen
  const own = found && 'namespace' in found ? found.namespace : undefined
  const kea: Kea | undefined = found && (found.state === 'dead' ? found : { ...found, ending })
  if (own === undefined) {
    return { number, link, ...(kea && { kea }), network: slotNetworkOf(seen, typeof namespace === 'number') }
  }
  const isNamed = namespace === 'elsewhere' || namespace === own
  const network = seen.linkIsUp && !isNamed ? 'unnamed' : slotNetworkOf(seen, isNamed)
  return { number, link, network, ...(kea && { kea }) }
}

function slotNetworkOf({ linkIsUp, exists, isForeign }: SlotNetwork, isNamed: boolean): Slot['network'] {
  if (isForeign) return 'foreign'
  if (linkIsUp && isNamed) return 'ready'
  return exists ? 'broken' : 'absent'
}
