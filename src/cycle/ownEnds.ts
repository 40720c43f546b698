import { localAddressesIn } from '../bird/peer.ts'
import type { BirdPeer } from '../bird/settings.ts'
import type { ObservedBird } from '../core/announcing/observation.ts'
import type { Peer } from '../core/policy/peer.ts'
import { isOwnAddress, sourceAddressFor } from '../iproute2/sourceAddress.ts'

/**
 * The peers, with the node's own end of those sessions where BIRD has to know it: of BFD over several hops. A BIRD that
 * runs keeps the ends it has, as long as the node has them: another one would be another session.
 */
export async function withOwnEnds(peers: readonly Peer[], bird: ObservedBird): Promise<BirdPeer[]> {
  const former = localAddressesIn(bird.state === 'running' ? (bird.files?.config ?? '') : '')
  return await Promise.all(
    peers.map(async peer => {
      if (!peer.bfd || peer.multihop === undefined || peer.address === undefined) return peer
      const kept = former.get(peer.address)
      const localAddress = kept && (await isOwnAddress(kept)) ? kept : await sourceAddressFor(peer.address)
      return { ...peer, ...(localAddress && { localAddress }) }
    }),
  )
}
