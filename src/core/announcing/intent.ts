import type { DhcpObservation } from '../dhcp/observation.ts'
import { isSamePort } from '../dhcp/samePort.ts'
import type { Drained } from '../node/drained.ts'
import { type AnnouncePolicy, uplinkTableOf } from '../policy/announce.ts'
import { asNumbersOf, type BgpPolicy, blackholesAt } from '../policy/bgp.ts'
import type { Problem } from '../problem/problem.ts'
import type { Refusal } from '../problem/refusal.ts'
import { forwardedFamilies } from '../routing/forwarding.ts'
import { isMark } from '../routing/mark.ts'
import { type ForeignRoute, ROUTE_METRIC } from '../routing/observation.ts'
import { describeObstacle, findObstacles } from '../routing/obstacle.ts'
import { reachedNeighbours } from '../routing/reached.ts'
import { PROTOCOL, type Routing } from '../routing/routing.ts'
import { intendBird } from './bird.ts'
import { BIRD_PROTOCOL } from './birdSettings.ts'
import type { GuestsInput } from './context.ts'
import { announceGuests } from './guests.ts'
import { keepUnknown } from './keep.ts'
import { type AnnounceObservation, announcedBy } from './observation.ts'
import type { AnnounceIntent } from './wanted.ts'

/** What was read, as far as announcing depends on it. */
export interface AnnounceInput
  extends Pick<GuestsInput, 'node' | 'guests' | 'notesOf' | 'policyPlace' | 'ruling' | 'clocks'> {
  /** Absent: nothing is announced. */
  readonly policy: AnnouncePolicy | undefined
  readonly bgp: BgpPolicy | undefined
  /** The policy's file. */
  readonly config: string
  readonly drained: Drained
  /** False: guests may be missing, so nothing may be concluded from their absence. */
  readonly complete: boolean
  /** Whether nothing is known of a guest at the moment that may be there all the same. */
  readonly isUnknown: (vmid: number) => boolean
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
  standby: [],
  withheld: [],
  problems: [],
}

/** From what was read to what should be announced, kernel and BIRD. Pure. */
export function intendAnnouncing(
  input: AnnounceInput,
  observed: AnnounceObservation,
  dhcp: DhcpObservation,
): AnnounceIntent {
  const { policy, bgp, drained, complete, isUnknown } = input
  if (!policy) return NOTHING
  const taken = tableTaken(observed)
  if (taken) return { ...NOTHING, refusal: taken.refusal, problems: [taken.problem] }
  const guests = keepUnknown(
    announceGuests({
      ...input,
      policy,
      asNumbers: bgp?.mode === 'own' ? asNumbersOf(bgp) : undefined,
      blackholes: blackholesAt(observed.now, bgp),
      links: dhcp.links,
      neighbours: reachedNeighbours(observed.routing),
      leases: observed.leases,
      announced: announcedBy(observed.bird),
      now: observed.now,
      isSamePort: (guest, nic) => isSamePort(dhcp, guest, nic),
    }),
    observed,
    { complete, isUnknown, links: dhcp.links },
  )
  const { announcements, standby } = drained === 'left' ? NOTHING : guests
  const bird = intendBird({ ...input, policy, bgp, links: dhcp.links, isDrained: drained !== 'no' }, observed)
  return {
    ...guests,
    ...(drained === 'left' && { refusal: DRAINED }),
    ...(policy.sysctl && { forwarding: forwardedFamilies(policy.networks) }),
    ...(bird.settings && { bird: { settings: bird.settings, announcements, standby } }),
    problems: [...guests.problems, ...bird.problems, ...obstacles(guests.routing, observed)],
  }
}

/** The tables that are nobody's but guestnet's: a daemon of the administrator's may give the guests their way out. */
export function ownTables(announce: AnnouncePolicy, bgp: BgpPolicy | undefined): number[] {
  return [announce.table, ...(bgp?.mode === 'own' ? [uplinkTableOf(announce)] : [])]
}

const DRAINED: Refusal = {
  code: 'drained',
  message: 'this node is drained',
  remedy: 'Run guestnet undrain when it is to serve again.',
}

/** Another guestnet, or another BIRD, would remove what ours puts there, and ours what it does. */
function tableTaken({
  routing,
  bird,
}: AnnounceObservation): { refusal: Refusal; problem: Problem } | undefined {
  const isOurs = bird.state !== 'absent' || bird.wasThere
  const isOfAnother = ({ protocol, metric }: ForeignRoute) => isMark(protocol) && metric === ROUTE_METRIC
  const route = routing.foreign.find(
    foreign => isOfAnother(foreign) || (!isOurs && foreign.protocol === BIRD_PROTOCOL),
  )
  if (!route) return undefined
  const whose = isOfAnother(route) ? 'another guestnet' : "somebody else's BIRD"
  const message = `routing table ${route.table} already holds routes of ${whose}`
  const remedy = `Choose another table in the policy; "ip route show table ${route.table}" shows what is in it.`
  return {
    refusal: { code: 'table-taken', message, remedy },
    problem: {
      code: 'table-taken',
      message: `Nothing is announced, because ${message}.`,
      remedy,
    },
  }
}

function obstacles(routing: Routing, { routing: observed }: AnnounceObservation): Problem[] {
  return findObstacles(routing, observed).map(obstacle => ({
    code: 'routing-obstacle',
    message: `In the way of a guest: ${describeObstacle(obstacle)}.`,
  }))
}
