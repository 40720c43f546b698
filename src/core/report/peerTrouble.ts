import type { ObservedPeer } from '../announcing/observation.ts'
import type { Peer } from '../policy/peer.ts'

/** Why a session is not up, as the end of a sentence, and what to do about it. */
export interface PeerTrouble {
  readonly why: string
  readonly remedy: string
}

/** What is known of a session that is not up, and of the peer it should be with. */
export interface DownSession {
  readonly session: ObservedPeer
  /** As the policy has it; absent: the policy in force no longer names it. */
  readonly peer: Peer | undefined
  /** Whether the node has the link that the peer is said to be on; true where none is named. */
  readonly hasLink: boolean
}

type Told = DownSession & { readonly error: string; readonly end: string }

/**
 * By BIRD's own words (proto/bgp/bgp.c and packets.c: `Received:` is what the peer said, `Socket:` the kernel), and where it
 * has none by the state it is in. The first that fits.
 */
const CASES: readonly [RegExp, (told: Told) => PeerTrouble][] = [
  [
    /^Received: Bad peer AS/,
    ({ end }) => ({
      why: `wrong AS: ${end} expects another AS number of this node`,
      remedy: 'Compare `bgp.as` in the policy with what the peer is configured with for this node.',
    }),
  ],
  [
    /Bad peer AS/,
    ({ end, peer }) => ({
      why: `wrong AS: ${end} has another AS number than the policy says${peer ? ` (${peer.as})` : ''}`,
      remedy: "Correct the peer's `as` in the policy, or the AS of the peer.",
    }),
  ],
  [
    /Connection refused/,
    ({ end }) => ({
      why: `nothing listens: ${end} refuses the connection`,
      remedy: 'Start BGP on the peer and let it accept this node; check `address` and `port` in the policy.',
    }),
  ],
  [
    /BFD/,
    ({ end }) => ({
      why: `BFD tells that ${end} is not reached`,
      remedy:
        'Check the link to the peer, and that the peer does BFD with this node; else remove `bfd: true` from the policy.',
    }),
  ],
  [
    /Hold timer expired/,
    ({ end }) => ({
      why: `${end} fell silent for longer than the hold time`,
      remedy: 'Check that the peer runs, and that the link to it loses nothing.',
    }),
  ],
  [
    /No route to host|unreachable/i,
    ({ end }) => ({
      why: `no way leads to ${end}`,
      remedy: "Check the link to the peer, this node's address on it, and `address` in the policy.",
    }),
  ],
  [
    /Neighbor lost|Link down/,
    ({ end }) => ({
      why: `the link to ${end} is down`,
      remedy: 'Bring the link up.',
    }),
  ],
  [
    /MD5/,
    () => ({
      why: "the kernel does not take the session's password",
      remedy: 'Check `password` in the policy, and what the log of BIRD says.',
    }),
  ],
  [
    /^Received: Administrative (?:shutdown|reset)|^Received: Peer de-?configured/,
    ({ end }) => ({
      why: `${end} has ended the session on purpose`,
      remedy: 'Enable the session on the peer.',
    }),
  ],
  [
    /^Received: Connection rejected/,
    ({ end }) => ({
      why: `${end} does not accept this node`,
      remedy: "Configure this node as a neighbour on the peer, with this node's address.",
    }),
  ],
  [
    /^Received: /,
    ({ end, error }) => ({
      why: `${end} has ended the session: ${error.replace('Received: ', '')}`,
      remedy: "Compare the peer's configuration with the policy.",
    }),
  ],
]

export function peerTrouble(down: DownSession): PeerTrouble {
  const { session, peer, hasLink } = down
  if (!hasLink && peer?.interface !== undefined) {
    return {
      why: `this node has no link ${peer.interface}`,
      remedy: `Make the link ${peer.interface}, or correct \`interface\` in the policy.`,
    }
  }
  const { error = '' } = session
  const end = endOf(session, peer)
  const known = CASES.find(([pattern]) => pattern.test(error))?.[1]
  return known ? known({ ...down, error, end }) : byState(down, end, error)
}

function endOf({ neighbour }: ObservedPeer, peer: Peer | undefined): string {
  const address = neighbour ?? peer?.address
  if (address === undefined) return 'the peer'
  return peer?.port === undefined ? address : `${address} port ${peer.port}`
}

function byState({ session, peer }: DownSession, end: string, error: string): PeerTrouble {
  const { bgpState } = session
  if (bgpState === 'Passive') {
    return {
      why: `nobody has called from the link${peer?.interface === undefined ? '' : ` ${peer.interface}`}`,
      remedy: 'Check the link, and that the peer is configured to find this node there.',
    }
  }
  if (bgpState === 'Idle' && error === '' && peer?.multihop === undefined) {
    return {
      why: `${end} is on none of this node's links`,
      remedy:
        "Give this node an address in the peer's network, correct `address` in the policy, or set `multihop`.",
    }
  }
  if (bgpState === 'Connect' || bgpState === 'Active' || /timed out/.test(error)) {
    return doesNotAnswer(peer, end)
  }
  return {
    why: error === '' ? `it is ${bgpState}` : `it is ${bgpState} (${error})`,
    remedy: "Compare the peer's configuration with the policy.",
  }
}

/** What either end's kernel drops looks like silence: a wrong TCP MD5 signature (RFC 2385), a TTL too low for GTSM (RFC 5082). */
function doesNotAnswer(peer: Peer | undefined, end: string): PeerTrouble {
  const agreed = [
    ...(peer?.password === undefined ? [] : [{ setting: '`password`', wrong: 'a wrong password' }]),
    ...(peer?.ttlSecurity ? [{ setting: '`ttlSecurity`', wrong: 'a peer without GTSM' }] : []),
  ]
  if (agreed.length === 0) {
    return {
      why: `${end} does not answer`,
      remedy:
        'Check that the peer is reached and that nothing on the way drops TCP; a peer that wants a password, or GTSM, looks just like this.',
    }
  }
  const settings = agreed.map(({ setting }) => setting).join(' and ')
  return {
    why: `${end} does not answer, which ${agreed.map(({ wrong }) => wrong).join(' or ')} looks like`,
    remedy: `Check that ${settings} ${agreed.length === 1 ? 'is' : 'are'} the same on both ends, that the peer is reached, and that nothing on the way drops TCP.`,
  }
}
