import type { GuestName } from '../guest/names.ts'
import type { Address } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Network } from '../values/network.ts'
import type { Explanation } from './step.ts'

/** A guest that this node has to do with, and what `explain` says of each of its NICs. */
export interface GuestWays extends GuestName {
  readonly name?: string
  /** The cluster node whose folder holds its configuration. */
  readonly node: string
  readonly file: string
  readonly nics: readonly NicWays[]
}

export interface NicWays extends Explanation {
  /** The host link it has while the guest runs. */
  readonly link: string
  readonly mac?: Mac
  readonly network?: Network
  /** The static addresses that are written for it, whether they are served or not. */
  readonly addresses: readonly Address[]
}
