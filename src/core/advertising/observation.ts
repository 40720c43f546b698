import type { StartFailure } from '../problem/startFailure.ts'
import type { Advertisement } from './advertisement.ts'
import type { OwnAddresses, SoughtRouters } from './router.ts'

/** What there is of what router advertisements need. */
export interface AdvertisingObservation {
  readonly advertiser: ObservedAdvertiser
  /** One that was to come up in the background did not, and none has since. */
  readonly startFailure?: StartFailure
  /** The node's end of the link to it; whether that is there and up at both ends. */
  readonly link: { readonly name: string; readonly isUp: boolean }
  readonly ownAddresses: OwnAddresses
  /** What networks were asked for; empty in a process that asks nobody. */
  readonly soughtRouters: SoughtRouters
}

/** The process that answers guests' solicitations. */
export type ObservedAdvertiser =
  /** `wasThere`: its files are, so it has ended against guestnet's will. */
  | { readonly state: 'absent'; readonly wasThere: boolean }
  /** One comes up in the background. */
  | { readonly state: 'starting' }
  /** It is there, but its control socket does not answer. */
  | { readonly state: 'silent'; readonly pid: number }
  | {
      readonly state: 'answering'
      readonly pid: number
      /** Whether it runs the very program that this version of guestnet would start. */
      readonly isCurrent: boolean
      /** The table that it goes by, whole. Absent: not the one on disk. */
      readonly table?: string
      readonly advertisements: readonly Advertisement[]
    }
