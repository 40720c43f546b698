import { missingServers } from '../../core/report/missingServers.ts'
import type { Report } from '../../core/report/report.ts'
import { counted } from '../../core/text/counted.ts'
import type { GuestRow } from './guestRows.ts'
import { countStates } from './guestRows.ts'
import { GUEST_STATES, STATE_NAME } from './guestState.ts'
import { describeServer, type NetworkRow } from './networks.ts'
import type { Seen } from './seen.ts'

/** The picture of a node, from its guests to its peers: what is in it, before anybody knows how wide it is. */
export interface Picture {
  readonly node: string
  readonly lanes: readonly Lane[]
  /** Networks that are not drawn. */
  readonly moreLanes: number
  readonly daemons: readonly Daemon[]
  readonly peers: readonly PeerMark[]
  readonly morePeers: number
}

/** A network with its guests. */
export interface Lane {
  readonly network: string
  readonly guests: readonly LaneGuest[]
  /** Guests that are not drawn. */
  readonly more: number
  /** Keys of the daemons that care for it. */
  readonly to: readonly string[]
}

export type LaneGuest = Pick<GuestRow, 'vmid' | 'title' | 'name' | 'state'>

/** How a part of the node, or what is around it, is. */
export type PartState = 'good' | 'waiting' | 'broken'

export interface Daemon {
  readonly key: string
  readonly title: string
  readonly detail: string
  readonly state: PartState
}

export interface PeerMark {
  readonly name: string
  readonly detail: string
  readonly state: PartState
}

/** However many there are, so many are drawn. */
const MOST = { lanes: 12, guests: 1200, daemons: 9, peers: 12 }

const BIRD = 'bird'

export function pictureOf({ status }: Seen, networks: readonly NetworkRow[]): Picture {
  const lanes = networks.slice(0, MOST.lanes)
  const share = Math.floor(MOST.guests / Math.max(1, lanes.length))
  const peers = peersOf(status)
  return {
    node: status.node,
    lanes: lanes.map(network => laneOf(network, share, status.announcing?.bird !== undefined)),
    moreLanes: networks.length - lanes.length,
    daemons: [...keasOf(status), ...birdOf(status)].slice(0, MOST.daemons),
    peers: peers.slice(0, MOST.peers),
    morePeers: Math.max(0, peers.length - MOST.peers),
  }
}

function laneOf(
  { network, guests, servers, isAnnounced }: NetworkRow,
  share: number,
  hasBird: boolean,
): Lane {
  return {
    network,
    guests: mostTelling(guests, share),
    more: Math.max(0, guests.length - share),
    to: [...servers, ...(isAnnounced && hasBird ? [BIRD] : [])],
  }
}

/** What is broken is drawn before anything else where not everything can be; in the order of their numbers all the same. */
function mostTelling(guests: readonly GuestRow[], most: number): readonly GuestRow[] {
  if (guests.length <= most) return guests
  const rank = ({ state }: GuestRow) => GUEST_STATES.indexOf(state)
  return guests
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, most)
    .toSorted((a, b) => a.vmid - b.vmid)
}

function keasOf(report: Report): Daemon[] {
  return [
    ...report.servers.map(kea => ({
      key: kea.server ?? `slot ${kea.slot}`,
      title: `Kea ${describeServer(kea)}`,
      detail: kea.state === 'answering' ? counted(kea.offers, 'reservation') : KEA[kea.state],
      state: STATE_OF_KEA[kea.state],
    })),
    ...missingServers(report).map(name => ({
      key: name,
      title: `Kea ${name}`,
      detail: 'not there',
      state: 'broken' as const,
    })),
  ]
}

const KEA = { starting: 'is being started', silent: 'does not answer', dead: 'is dead' } as const

const STATE_OF_KEA = { answering: 'good', starting: 'waiting', silent: 'broken', dead: 'broken' } as const

function birdOf({ announcing }: Report): Daemon[] {
  const { bird, announcements = [], drained } = announcing ?? {}
  if (!bird) return []
  const [state, detail] = BIRD_STATES[bird.state]
  const told = counted(announcements.length, 'prefix', 'prefixes')
  return [
    {
      key: BIRD,
      title: 'BIRD',
      detail: state === 'good' ? (drained === 'no' ? told : 'drained') : detail,
      state: state === 'good' && drained !== 'no' ? 'waiting' : state,
    },
  ]
}

const BIRD_STATES = {
  running: ['good', ''],
  silent: ['broken', 'does not answer'],
  absent: ['broken', 'not running'],
} as const

function peersOf({ announcing }: Report): PeerMark[] {
  return (announcing?.peers ?? []).map(({ peer, isUp, bgpState }) => ({
    name: peer,
    detail: bgpState,
    state: isUp ? 'good' : 'broken',
  }))
}

/** The picture in words, for those who do not see it. */
export function describePicture({ node, lanes, moreLanes, daemons, peers }: Picture): string {
  const sentences = [
    ...lanes.map(
      ({ network, guests, more }) => `${network}: ${statesIn(guests)}${more > 0 ? ` and ${more} more` : ''}.`,
    ),
    ...(moreLanes > 0 ? [`${counted(moreLanes, 'more network')}.`] : []),
    ...daemons.map(
      ({ title, detail, state }) => `${title}: ${state === 'good' ? 'running, ' : ''}${detail}.`,
    ),
    ...peers.map(({ name, detail }) => `BGP session with ${name}: ${detail}.`),
  ]
  return [`Node ${node}.`, ...sentences].join(' ')
}

function statesIn(guests: readonly LaneGuest[]): string {
  const counts = countStates(guests)
  return GUEST_STATES.flatMap(state => {
    const count = counts.get(state)
    return count === undefined ? [] : [`${counted(count, 'guest')} ${STATE_NAME[state]}`]
  }).join(', ')
}
