import type { Family } from '../values/family.ts'

/** One step of the way from a guest's configuration to its lease. */
export interface Step {
  readonly step:
    | 'configuration'
    | 'offer'
    | 'port'
    | 'server'
    | 'lease'
    | 'guard'
    /** What it is told of its router. */
    | 'router'
    | 'announcement'
    | 'kernel'
    | 'bird'
    | 'peers'
    /** Asked, rather than believed. */
    | 'exchange'
    | 'wire'
  /** `waiting`: nothing is wrong, but the next move is the guest's or the administrator's. */
  /** Whose DHCP it is about; absent: neither's. */
  readonly family?: Family
  readonly state: 'good' | 'waiting' | 'broken'
  readonly detail: string
  /** What to do about it, as an imperative sentence. */
  readonly remedy?: string
}

/** The way of one NIC to its address, and that of each of its addresses to BGP, up to the first step that is not good. */
export interface Explanation {
  readonly nic: number
  readonly steps: readonly Step[]
  /** Absent: its port is not guarded. */
  readonly guard?: Step
  readonly announced: readonly { readonly prefix: string; readonly steps: readonly Step[] }[]
}
