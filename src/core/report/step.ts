/** One step of the way from a guest's configuration to its lease. */
export interface Step {
  readonly step:
    | 'configuration'
    | 'offer'
    | 'port'
    | 'server'
    | 'lease'
    | 'announcement'
    | 'kernel'
    | 'bird'
    | 'peers'
    /** Asked, rather than believed. */
    | 'exchange'
    | 'wire'
  /** `waiting`: nothing is wrong, but the next move is the guest's or the administrator's. */
  readonly state: 'good' | 'waiting' | 'broken'
  readonly detail: string
  /** What to do about it, as an imperative sentence. */
  readonly remedy?: string
}
