import type { Lease } from '../dhcp/lease.ts'
import type { Guest, Nic } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Links } from '../node/link.ts'
import type { AnnouncePolicy } from '../policy/announce.ts'
import type { Blackhole } from '../policy/blackhole.ts'
import type { Where } from '../problem/refusal.ts'
import type { Neighbour } from '../routing/routing.ts'
import type { Ruling } from '../ruling/verdict.ts'
import type { Path } from '../text/yaml.ts'
import type { Mac } from '../values/mac.ts'
import type { Announcement } from './announcement.ts'
import { type ByGuest, byGuest } from './byGuest.ts'
import { latestClock } from './since.ts'

/** What it depends on which guests are announced from here. */
export interface GuestsInput {
  readonly node: string
  readonly guests: readonly Guest[]
  readonly notesOf: (vmid: Guest['vmid']) => LocatedNotes
  readonly policy: AnnouncePolicy
  /** Where a key of the policy's part `announce` is written. */
  readonly policyPlace: (path: Path) => Where | undefined
  /** Those of the cluster's nodes: their large communities are not for guests to say. Absent: BGP is not guestnet's. */
  readonly asNumbers?: readonly number[] | undefined
  /** Those in force now. */
  readonly blackholes: readonly Blackhole[]
  readonly ruling: Ruling
  readonly links: Links
  /** guestnet's neighbour entries as they are in the kernel, of guests that were found alive. */
  readonly neighbours: readonly Neighbour[]
  /** Absent: not known. */
  readonly leases?: readonly Lease[] | undefined
  /** What is announced from here already. */
  readonly announced: readonly Announcement[]
  /** Unix seconds. */
  readonly now: number
  /** When each node of the cluster last told how it is, in Unix seconds by its own clock. */
  readonly clocks: ReadonlyMap<string, number>
  /** Whether a guest's link is the one it was at the last look. */
  readonly isSamePort: (guest: Guest, nic: Nic) => boolean
}

/** What is asked, and what the kernel has already, ready for being looked up. */
export interface Context extends GuestsInput {
  readonly knownMacs: ReadonlySet<Mac>
  /** What is announced already, by guest. */
  readonly told: ByGuest
  /** Unix seconds by the clock of the cluster that is furthest ahead. */
  readonly latest: number
}

export function contextOf(input: GuestsInput): Context {
  const { neighbours, announced } = input
  return {
    ...input,
    knownMacs: new Set(neighbours.map(({ mac }) => mac)),
    told: byGuest(announced),
    latest: latestClock(input),
  }
}
