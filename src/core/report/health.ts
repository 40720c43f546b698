import type { ObservedPeer } from '../announcing/observation.ts'
import type { Guest } from '../guest/guest.ts'
import { linksOfNode } from '../guest/links.ts'
import type { Links } from '../node/link.ts'
import { peersFor } from '../policy/bgp.ts'
import type { NetworkMatch } from '../policy/networkMatch.ts'
import type { Peer } from '../policy/peer.ts'
import type { Problem, ProblemCode } from '../problem/problem.ts'
import type { Reading } from '../reading.ts'
import { FORWARDING } from '../routing/forwarding.ts'
import { counted } from '../text/counted.ts'
import { nearest } from '../text/nearest.ts'
import type { Path } from '../text/yaml.ts'
import { FAMILY_NAME } from '../values/family.ts'
import { memoOf } from '../values/memo.ts'
import { advertisingTroubles } from './advertisingTrouble.ts'
import type { AnnouncingReport } from './announcing.ts'
import { peerTrouble } from './peerTrouble.ts'
import type { Report } from './report.ts'

/** What `healthProblems` finds. Each is demanded by a test that breaks just that: test/e2e/health.test.ts. */
export const HEALTH_CODES = [
  'kea-down',
  'advertiser-down',
  'router-unknown',
  'bird-down',
  'peer-down',
  'peer-missing',
  'forwarding-off',
  'bridge-unknown',
  'clock-ahead',
] as const satisfies readonly ProblemCode[]

/** What the report's parts are judged by. */
export interface Surroundings
  extends Pick<Reading, 'node' | 'guests' | 'complete' | 'policy' | 'policyPlace' | 'clocks'> {
  readonly links: Links
  /** Since when a peer is known to be down, in milliseconds since 1970; absent: as BIRD says. */
  readonly downSince?: (peer: string) => number | undefined
}

/** The report with what is wrong with its parts among its problems, in place of what was wrong with them before. */
export function withHealth(report: Report, surroundings: Surroundings): Report {
  const codes: readonly ProblemCode[] = HEALTH_CODES
  const others = report.problems.filter(({ code }) => !codes.includes(code))
  return { ...report, problems: [...others, ...healthProblems(report, surroundings)] }
}

/** What of the parts on this node does not work, or cannot. Pure. */
export function healthProblems(report: Report, surroundings: Surroundings): Problem[] {
  const { advertising, announcing } = report
  return [
    ...keasDown(report),
    ...(advertising ? advertisingTroubles(advertising) : []),
    ...(announcing ? announcingDown(announcing, surroundings) : []),
    ...bridgesUnknown(surroundings),
    ...clocksAhead(report, surroundings),
  ]
}

const REPLACED =
  'The agent replaces it within seconds; if it does not, see that the agent runs, and run guestnet doctor.'

/** A server that has addresses to offer, and no Kea that answers for it. */
function keasDown({ nics, servers }: Report): Problem[] {
  // What a Kea of another version offers is not known here.
  if (servers.some(({ server, state }) => server === undefined && state === 'answering')) return []
  const wanted = new Set(nics.flatMap(({ server }) => server ?? []))
  return [...wanted].flatMap(server => {
    const keas = servers.filter(kea => kea.server === server)
    if (keas.some(({ state }) => state === 'answering' || state === 'starting')) return []
    const [kea] = keas
    const running = nics.filter(
      nic => nic.server === server && (nic.state === 'served' || nic.state === 'pending'),
    ).length
    const how = kea?.state === 'silent' ? `is there (process ${kea.pid}) but does not answer` : 'is not there'
    return [
      {
        code: 'kea-down',
        message: `The DHCP server of ${server}, a Kea, ${how}: ${counted(running, 'guest port')} served by it ${running === 1 ? 'gets' : 'get'} no address.`,
        remedy: REPLACED,
      } as const,
    ]
  })
}

function announcingDown(announcing: AnnouncingReport, surroundings: Surroundings): Problem[] {
  // Nothing can be announced at all, which is a problem of its own, or is meant so.
  if (announcing.refusal?.code === 'table-taken') return []
  return [
    ...birdDown(announcing),
    ...peerMissing(announcing, surroundings),
    ...peersDown(announcing, surroundings),
    ...notForwarded(announcing),
  ]
}

function birdDown({ bird, announcements }: AnnouncingReport): Problem[] {
  if (!bird || bird.state === 'running') return []
  const how =
    bird.state === 'silent' ? `is there (process ${bird.pid}) but does not answer` : 'is not running'
  return [
    {
      code: 'bird-down',
      message: `BIRD ${how}: ${counted(announcements.length, 'prefix', 'prefixes')} of this node's guests ${announcements.length === 1 ? 'is' : 'are'} told to nobody.`,
      remedy: REPLACED,
    },
  ]
}

function peerMissing(
  { announcements }: AnnouncingReport,
  { policy, policyPlace, node }: Surroundings,
): Problem[] {
  if (policy.bgp?.mode !== 'own' || announcements.length === 0) return []
  if (peersFor(policy.bgp, node).length > 0) return []
  const names = [...new Set(policy.bgp.peers.flatMap(({ nodes = [] }) => nodes))]
  return [
    {
      code: 'peer-missing',
      message: `The policy has no peer for node ${node}, so ${counted(announcements.length, 'prefix', 'prefixes')} of its guests ${announcements.length === 1 ? 'is' : 'are'} told to nobody: its peers are for ${names.join(', ')}.`,
      remedy: 'Add the node to `nodes` of the peers that are its neighbours.',
      ...policyPlace?.(['bgp', 'peers']),
    },
  ]
}

function peersDown({ bird, peers }: AnnouncingReport, surroundings: Surroundings): Problem[] {
  const { policy, links, node, downSince } = surroundings
  // A BIRD that is down, or was started just now, has no sessions: that is another problem, or none.
  if (bird?.state !== 'running' || bird.pid === undefined || policy.bgp?.mode !== 'own') return []
  const wanted = peersFor(policy.bgp, node)
  const unknown = wanted.filter(({ name }) => !peers.some(({ peer }) => peer === name))
  return [
    ...peers
      .filter(({ isUp }) => !isUp)
      .map(session => peerDown(session, wanted, links, downSince?.(session.peer) ?? timeOf(session))),
    ...unknown.map(
      ({ name }): Problem => ({
        code: 'peer-down',
        message: `The BGP session with ${name} is not up: BIRD has not been told of this peer.`,
        remedy: 'See that the agent runs; guestnet plan shows what it would change.',
      }),
    ),
  ]
}

function peerDown(
  session: ObservedPeer,
  wanted: readonly Peer[],
  links: Links,
  since: number | undefined,
): Problem {
  const peer = wanted.find(({ name }) => name === session.peer)
  const hasLink = peer?.interface === undefined || links.has(peer.interface)
  const { why, remedy } = peerTrouble({ session, peer, hasLink })
  return {
    code: 'peer-down',
    message: `The BGP session with ${session.peer} is not up: ${why}.`,
    remedy,
    ...(since !== undefined && { since }),
  }
}

/** BIRD's `YYYY-MM-DD hh:mm:ss` is local time, as is what has no zone for `Date`. */
function timeOf({ since }: ObservedPeer): number | undefined {
  const time = Date.parse(since.replace(' ', 'T'))
  return Number.isNaN(time) ? undefined : time
}

function notForwarded({ notForwarded: families }: AnnouncingReport): Problem[] {
  return families.map(family => ({
    code: 'forwarding-off',
    message: `This node does not forward ${FAMILY_NAME[family]} (${FORWARDING[family].name} is 0), so guests are announced but not reached.`,
    remedy: `Run "sysctl -w ${FORWARDING[family].name}=1" and write it to a file below /etc/sysctl.d, or let guestnet do so: \`sysctl: true\` in the part \`announce\` of the policy.`,
  }))
}

/** Where the policy names bridges: most likely a misspelling, where neither this node nor any guest knows the name. */
function bridgesUnknown({ guests, complete, policy, policyPlace, links }: Surroundings): Problem[] {
  if (!complete) return []
  const { exclude = [], only = [] } = policy.dhcp
  const named = [
    ...entries('dhcp', 'exclude', exclude),
    ...entries('dhcp', 'only', only),
    ...entries('announce', 'networks', policy.announce?.networks ?? []),
  ]
  const known = [...bridgesOf(guests), ...linksOfNode(links).map(({ name }) => name)]
  return named
    .filter(({ bridge }) => !known.includes(bridge))
    .map(({ bridge, path }) => {
      const likely = nearest(bridge, known)
      return {
        code: 'bridge-unknown',
        message: `The policy names the bridge ${bridge} (\`${path.slice(0, 2).join('.')}\`), which is not on this node, and no guest of the cluster is on it: this entry does nothing.`,
        remedy:
          likely === undefined
            ? 'Correct the name, or remove the entry.'
            : `Did you mean \`${likely}\`? Correct the name, or remove the entry.`,
        ...policyPlace?.(path),
      }
    })
}

const bridgesOf = memoOf(
  (guests: readonly Guest[]) =>
    new Set(guests.flatMap(({ nics }) => nics.flatMap(({ bridge }) => bridge ?? []))),
)

function entries(part: 'dhcp' | 'announce', key: string, list: readonly NetworkMatch[]) {
  return list.map(({ bridge }, index) => ({ bridge, path: [part, key, index] satisfies Path }))
}

/** Seconds. Clocks that are kept by NTP differ by far less. */
const CLOCK_AHEAD = 3

/**
 * A node tells its time every ten seconds, and then its line grows old: a clock that is behind cannot be told from a node
 * that fell silent, one that is ahead can. Of two nodes that differ, the one that is behind finds it.
 */
function clocksAhead({ time }: Report, { node, clocks }: Surroundings): Problem[] {
  const ahead = [...clocks].filter(([other, told]) => other !== node && told - time / 1000 > CLOCK_AHEAD)
  return ahead.map(([other]) => ({
    code: 'clock-ahead',
    message: `The clock of node ${other} is more than ${CLOCK_AHEAD} s ahead of this node's: if it is set right after a migration, routers may prefer the wrong one of the two.`,
    remedy: 'Let NTP keep the clocks of all nodes ("timedatectl" on each tells).',
  }))
}
