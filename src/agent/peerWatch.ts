import type { ObservedPeer } from '../core/announcing/observation.ts'

/** A session that came up or went down. */
export interface PeerNews {
  readonly peer: string
  readonly isUp: boolean
  /** The newest complaint, in BIRD's words. */
  readonly error?: string
}

/**
 * Remembers how the sessions were. BIRD's own `since` begins anew with each attempt, several times a minute with a peer
 * that refuses, so since when a peer is down has to be remembered by somebody else.
 */
export class PeerWatch {
  readonly #known = new Map<string, { isUp: boolean; since: number }>()

  /** Takes sessions as they are now; returns what is news. A session that was never seen is none while it is down. */
  note(peers: readonly ObservedPeer[], now: number): PeerNews[] {
    const current = new Map(peers.map(session => [session.peer, session]))
    const names = new Set([...this.#known.keys(), ...current.keys()])
    return [...names].flatMap(peer => {
      const { isUp = false, error } = current.get(peer) ?? {}
      const known = this.#known.get(peer)
      if (known?.isUp === isUp) return []
      this.#known.set(peer, { isUp, since: now })
      if (!known && !isUp) return []
      return [{ peer, isUp, ...(!isUp && error !== undefined && { error }) }]
    })
  }

  /** Since when a peer is known to be down, in milliseconds since 1970. */
  downSince(peer: string): number | undefined {
    const known = this.#known.get(peer)
    return known && !known.isUp ? known.since : undefined
  }

  /** Forgets peers that the policy no longer names. */
  keepOnly(peers: ReadonlySet<string>): void {
    for (const peer of this.#known.keys()) if (!peers.has(peer)) this.#known.delete(peer)
  }
}
