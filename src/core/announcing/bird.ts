import type { Links } from '../node/link.ts'
import { type AnnouncePolicy, uplinkTableOf } from '../policy/announce.ts'
import { type BgpPolicy, peersFor } from '../policy/bgp.ts'
import { forNode } from '../policy/byNode.ts'
import type { Peer } from '../policy/peer.ts'
import type { Problem } from '../problem/problem.ts'
import { parseIpv4 } from '../values/address.ts'
import { BGP_PORT, type BirdPeer, type BirdSettings, OTHER_PORT } from './birdSettings.ts'
import { deviceOf } from './networkOnDevice.ts'
import type { AnnounceObservation } from './observation.ts'
import { chooseRouterId } from './routerId.ts'

export interface BirdInput {
  readonly node: string
  readonly policy: AnnouncePolicy
  readonly bgp: BgpPolicy | undefined
  /** The policy's file. */
  readonly config: string
  readonly isDrained: boolean
  readonly links: Links
}

/** What guestnet's BIRD should be; `settings` are absent where there should be none. */
export function intendBird(
  { node, policy, bgp, config, isDrained, links }: BirdInput,
  observed: AnnounceObservation,
): { settings?: BirdSettings; problems: Problem[] } {
  if (bgp?.mode !== 'own') return { problems: [] }
  const as = forNode(bgp.as, node)
  if (as === undefined) {
    const message = `The policy has no AS number for node ${node}, so nothing is told to BGP from here.`
    return {
      problems: [{ code: 'bird-failed', message, remedy: 'Add the node to as in the policy.', file: config }],
    }
  }
  const { bird } = observed
  const peers = peersFor(bgp, node)
  const given = bgp.routerId === 'auto' ? undefined : forNode(bgp.routerId, node)
  const former = bird.state === 'running' ? parseIpv4(bird.routerId) : undefined
  const localPort = bgp.localPort ?? localPortFor(observed)
  return {
    problems: localPort === undefined ? [] : peers.flatMap(peer => unreachable(peer, localPort)),
    settings: {
      as,
      routerId: given ?? former ?? chooseRouterId(node, observed.ownAddresses, gatewayAddresses(policy)),
      table: uplinkTableOf(policy),
      guestsTable: policy.table,
      devices: [...new Set(policy.networks.map(network => deviceOf(network, links)))],
      prefixes: policy.networks.flatMap(({ prefixes }) => prefixes),
      multipath: bgp.multipath,
      exports: bgp.export,
      peers: peers.map(peer => withOwnEnd(peer, observed)),
      ...(localPort === undefined ? {} : { localPort }),
      drain: isDrained,
    },
  }
}

/** Whether BIRD has to be told the node's own end of a session: for BFD over several hops. */
export function needsOwnEnd({ bfd, multihop, address }: Peer): boolean {
  return bfd && multihop !== undefined && address !== undefined
}

function withOwnEnd(peer: Peer, { ownEnds }: AnnounceObservation): BirdPeer {
  const localAddress = needsOwnEnd(peer) && peer.address !== undefined ? ownEnds.get(peer.address) : undefined
  return { ...peer, ...(localAddress && { localAddress }) }
}

/** A BIRD that runs keeps its port; one that starts takes another where BGP's own is taken. */
function localPortFor({ bird, portHolder }: AnnounceObservation): number | undefined {
  if (bird.state === 'running') return bird.files?.localPort
  return portHolder ? OTHER_PORT : undefined
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

function gatewayAddresses({ networks }: AnnouncePolicy): Set<string> {
  return new Set(networks.flatMap(({ gateway }) => gateway?.ipv4 ?? []))
}
