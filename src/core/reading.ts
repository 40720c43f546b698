import type { Guest } from './guest/guest.ts'
import type { Vmid } from './guest/names.ts'
import type { LocatedNotes } from './guest/notes.ts'
import type { Drained } from './node/drained.ts'
import type { Resolver } from './node/resolver.ts'
import type { Policy, PolicyPlace, PolicySource } from './policy/policy.ts'
import type { Problem } from './problem/problem.ts'
import type { Sightings } from './ruling/sightings.ts'

/** Everything that was read: of the cluster, the policy and the host. What should be follows from it and from what is. */
export interface Reading {
  /** The name of this node. */
  readonly node: string
  /** Every guest of the cluster whose configuration could be read. */
  readonly guests: readonly Guest[]
  readonly notesOf: (vmid: Vmid) => LocatedNotes
  /** Guests that exist but could not be read. */
  readonly unreadable: ReadonlySet<number>
  /** False: guests may be missing from `guests`, so nothing may be concluded from their absence. */
  readonly complete: boolean
  /** Guests that the cluster's status calls running, wherever; `undefined`: nothing tells. */
  readonly running: ReadonlySet<number> | undefined
  /** When each node of the cluster last told how it is, in Unix seconds by its own clock; empty where nothing tells. */
  readonly clocks: ReadonlyMap<string, number>
  /** Whether the cluster has a quorum, so that its files can be written. */
  readonly quorate: boolean
  /** What was seen before. */
  readonly sightings: Sightings
  /** What fast-announcer's files say is in `guests`; this is how well they could be read. */
  readonly further: { readonly complete: boolean; readonly unreadable: ReadonlySet<number> }
  readonly resolver: Resolver
  /** SDN vnets that Proxmox's own dnsmasq serves. */
  readonly vnetsWithDhcp: ReadonlySet<string>
  readonly policy: Policy
  readonly policySource: PolicySource
  /** Tells policies apart; absent: none is in force. */
  readonly policyDigest?: string
  /** Absent: no file. */
  readonly policyPlace?: PolicyPlace
  /** The policy's file, whether it is there or not. */
  readonly config: string
  readonly drained: Drained
  readonly problems: readonly Problem[]
  /** Something could not be read just now: worth another look soon. */
  readonly provisional: boolean
}
