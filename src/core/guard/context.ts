import type { Guest } from '../guest/guest.ts'
import type { LocatedNotes } from '../guest/notes.ts'
import type { Links } from '../node/link.ts'
import type { AnnouncePolicy } from '../policy/announce.ts'
import type { GuardPolicy } from '../policy/guard.ts'
import type { Ruling } from '../ruling/verdict.ts'
import type { GuardObservation } from './observation.ts'

/** What it depends on how ports are guarded. */
export interface GuardInput {
  readonly policy: GuardPolicy
  /** Decides which networks behind guests count. */
  readonly announce: AnnouncePolicy | undefined
  /** Every guest of the cluster whose configuration could be read. */
  readonly guests: readonly Guest[]
  readonly notesOf: (vmid: Guest['vmid']) => LocatedNotes
  readonly links: Links
  readonly ruling: Ruling
}

/** That, and what is there. */
export interface GuardContext extends GuardInput {
  readonly observed: GuardObservation
}
