import { networkInterfaces } from 'node:os'
import { type BirdFiles, renderFiles } from '../bird/files.ts'
import { localPortIn } from '../bird/peer.ts'
import { BGP_PORT, findPortHolder, OTHER_PORT } from '../bird/port179.ts'
import type { BirdSettings } from '../bird/settings.ts'
import type { AnnounceTarget } from '../core/announcing/diff.ts'
import { type AnnounceIntent, announce } from '../core/announcing/intent.ts'
import { keepUnknown } from '../core/announcing/keep.ts'
import { type AnnounceObservation, announcedBy } from '../core/announcing/observation.ts'
import { chooseRouterId } from '../core/announcing/routerId.ts'
import { linkNameOf, type Vmid } from '../core/guest/guest.ts'
import { parseGuestLink } from '../core/guest/links.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Observation } from '../core/observation.ts'
import { type AnnouncePolicy, uplinkTableOf } from '../core/policy/announce.ts'
import type { BgpPolicy } from '../core/policy/bgp.ts'
import { forNode } from '../core/policy/byNode.ts'
import type { Peer } from '../core/policy/peer.ts'
import type { Policy } from '../core/policy/policy.ts'
import type { Problem } from '../core/problem/problem.ts'
import { forwardedFamilies } from '../core/routing/forwarding.ts'
import { describeObstacle, findObstacles } from '../core/routing/obstacle.ts'
import { PROTOCOL, type Routing } from '../core/routing/routing.ts'
import { type Ipv4, parseIpv4 } from '../core/values/address.ts'
import { BIRD_PROTOCOL } from './birdTable.ts'
import type { Drivers, RoutingInterest } from './drivers.ts'
import { withOwnEnds } from './ownEnds.ts'
import type { Reading } from './read.ts'

/** What to look at in the kernel, where something is announced. */
export function routingInterest({ announce: policy, bgp }: Policy): RoutingInterest | undefined {
  return (
    policy && {
      tables: ownTables(policy, bgp),
      forwarding: policy.sysctl,
      devices: policy.networks.flatMap(network =>
        network.gateway ? [network.device ?? network.bridge] : [],
      ),
    }
  )
}

/** The tables that are nobody's but guestnet's: a daemon of the administrator's may give the guests their way out. */
export function ownTables(announce: AnnouncePolicy, bgp: BgpPolicy | undefined): number[] {
  return [announce.table, ...(bgp?.mode === 'own' ? [uplinkTableOf(announce)] : [])]
}

/** What to look at where nothing is announced: whether something is left of a former policy. */
export const LEFTOVERS: RoutingInterest = { tables: [PROTOCOL], devices: [], forwarding: false }

export interface Announcing {
  readonly target: AnnounceTarget
  /** What BIRD is to go by; absent: there should be none of ours. */
  readonly files?: BirdFiles
  readonly intent: AnnounceIntent
  readonly problems: readonly Problem[]
}

/** What the kernel should have of guestnet's where nothing is announced. */
export const NOTHING_ROUTED: Routing = {
  table: PROTOCOL,
  routes: [],
  neighbours: [],
  proxies: [],
  rules: [],
  gateways: [],
}

const NOTHING: AnnounceIntent = {
  routing: NOTHING_ROUTED,
  announcements: [],
  problems: [],
}

/** From what was read to what should be announced, kernel and BIRD. `undefined`: leave everything as it is. */
export async function intendAnnouncing(
  { settings, drivers }: { settings: Settings; drivers: Drivers },
  reading: Reading,
  observation: Observation,
): Promise<Announcing | undefined> {
  const { announcing, links } = observation
  if (!announcing) return undefined
  const { announce: policy, bgp } = reading.policy
  if (!policy) return { target: { routing: NOTHING.routing }, intent: NOTHING, problems: [] }
  const taken = tableTaken(announcing)
  if (taken) return { target: { routing: NOTHING.routing }, intent: NOTHING, problems: [taken] }
  const { guests } = reading.input
  const known = new Set<number>(guests.map(({ vmid }) => vmid))
  const intent = keepUnknown(
    announce({
      node: settings.node,
      guests,
      notesOf: reading.notesOf,
      running: reading.input.running,
      policy,
      links,
      neighbours: announcing.routing.neighbours.filter(({ marked }) => marked),
      leases: announcing.leases,
      announced: announcedBy(announcing.bird),
      now: Math.floor(Date.now() / 1000),
      isSamePort: (guest, nic) =>
        nic.mac !== undefined && observation.ports.elements.get(nic.mac) === linkNameOf(guest, nic.index),
    }),
    announcing,
    {
      complete: reading.input.complete && reading.fastAnnouncer.complete,
      isUnknown: vmid =>
        reading.fastAnnouncer.unreadable.has(vmid as Vmid) ||
        (!known.has(vmid) &&
          (reading.input.unreadable.has(vmid) ||
            [...links.keys()].some(name => parseGuestLink(name)?.vmid === vmid))),
    },
  )
  const told = reading.drained === 'left' ? [] : intent.announcements
  const configured = await configureBird(
    { settings, drivers },
    { bgp, policy, announcing, drained: reading.drained !== 'no' },
  )
  const files = configured.settings && renderFiles(configured.settings, told, drivers.bird.paths)
  return {
    intent,
    target: {
      routing: intent.routing,
      ...(policy.sysctl && { forwarding: forwardedFamilies(policy.networks) }),
      ...(files && { bird: { config: files.config, announcements: told } }),
    },
    ...(files && { files }),
    problems: [...intent.problems, ...configured.problems, ...obstacles(intent, announcing)],
  }
}

/** Another BIRD would remove what ours puts there, and ours what it does. */
function tableTaken({ routing, bird }: AnnounceObservation): Problem | undefined {
  const isOurs = bird.state !== 'absent' || bird.wasThere
  const route = routing.foreign.find(({ protocol }) => protocol === BIRD_PROTOCOL)
  if (isOurs || !route) return undefined
  return {
    code: 'table-taken',
    message: `Routing table ${route.table} already holds routes of somebody else's BIRD, so nothing is announced.`,
    remedy: `Choose another table in the policy; ip route show table ${route.table} shows what is in it.`,
  }
}

function obstacles({ routing }: AnnounceIntent, { routing: observed }: AnnounceObservation): Problem[] {
  return findObstacles(routing, observed).map(obstacle => ({
    code: 'routing-obstacle',
    message: `In the way of a guest: ${describeObstacle(obstacle)}.`,
  }))
}

interface BirdContext {
  readonly bgp: BgpPolicy | undefined
  readonly policy: AnnouncePolicy
  readonly announcing: AnnounceObservation
  readonly drained: boolean
}

async function configureBird(
  { settings, drivers }: { settings: Settings; drivers: Drivers },
  { bgp, policy, announcing, drained }: BirdContext,
): Promise<{ settings?: BirdSettings; problems: Problem[] }> {
  if (bgp?.mode !== 'own') return { problems: [] }
  const as = forNode(bgp.as, settings.node)
  if (as === undefined) {
    const message = `The policy has no AS number for node ${settings.node}, so nothing is told to BGP from here.`
    return {
      problems: [
        { code: 'bird-failed', message, remedy: 'Add the node to as in the policy.', file: settings.config },
      ],
    }
  }
  const { bird } = announcing
  const given = bgp.routerId === 'auto' ? undefined : forNode(bgp.routerId, settings.node)
  const former = bird.state === 'running' ? parseIpv4(bird.routerId) : undefined
  const localPort = bgp.localPort ?? (await chooseLocalPort(drivers, announcing))
  return {
    problems: localPort === undefined ? [] : bgp.peers.flatMap(peer => unreachable(peer, localPort)),
    settings: {
      as,
      routerId: given ?? former ?? chooseRouterId(settings.node, ownAddresses(), gatewayAddresses(policy)),
      table: uplinkTableOf(policy),
      prefixes: policy.networks.flatMap(({ prefixes }) => prefixes),
      peers: await withOwnEnds(bgp.peers, bird),
      ...(localPort === undefined ? {} : { localPort }),
      drain: drained,
    },
  }
}

/** A peer without an address calls us, and only at the port of BGP. */
function unreachable({ name, address }: Peer, localPort: number): Problem[] {
  if (address !== undefined || localPort === BGP_PORT) return []
  return [
    {
      code: 'bird-failed',
      message: `The peer ${name} is known by its link alone, so it has to call this node at port ${BGP_PORT}, but BIRD listens on ${localPort}.`,
      remedy: `Free port ${BGP_PORT} (guestnet doctor says who has it), or give the peer an address.`,
    },
  ]
}

/** A BIRD that runs keeps its port; one that starts takes another where BGP's own is taken. */
async function chooseLocalPort(
  { bird }: Drivers,
  { bird: observed }: AnnounceObservation,
): Promise<number | undefined> {
  if (observed.state === 'running' && observed.files) return localPortIn(observed.files.config)
  if (observed.state === 'running') return undefined
  const holder = await findPortHolder(observed.state === 'silent' ? observed.pid : undefined)
  return holder && bird ? OTHER_PORT : undefined
}

function ownAddresses(): Ipv4[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all.flatMap(({ address, internal }) => (internal ? [] : (parseIpv4(address) ?? [])))
}

function gatewayAddresses({ networks }: AnnouncePolicy): Set<string> {
  return new Set(networks.flatMap(({ gateway }) => gateway?.ipv4 ?? []))
}
