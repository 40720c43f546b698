import type { HolderRecord } from './record.ts'

/** What an agent has seen before, as far as it decides who keeps what he had. */
export interface Sightings {
  /** Unix seconds. */
  readonly now: number
  /** Unix seconds since when this agent looks. */
  readonly lookingSince: number
  /** Unix seconds when a guest was last seen running; `undefined`: never. */
  readonly lastSeen: (vmid: number) => number | undefined
  /** Unix seconds when what `usedHere` tells was last in use here. */
  readonly lastInUse: (lease: string) => number | undefined
  /** Unix seconds when this very record was first seen; `undefined`: it is new. */
  readonly recordSeen: (place: string, record: HolderRecord) => number | undefined
  /** Unix seconds since when it has been open who holds something, while it could have been written down. */
  readonly openSince: (place: string) => number | undefined
}
