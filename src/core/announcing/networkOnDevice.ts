import type { Link } from '../node/link.ts'
import type { AnnouncedNetwork } from '../policy/announce.ts'

/** An announced network and its layer-3 link on this node. */
export interface NetworkOnDevice {
  readonly network: AnnouncedNetwork
  readonly device: Link
}
