/** A daemon that was to come up in the background, or to be told there what to serve, and did not. */
export interface StartFailure {
  /** What could not be done, in the words of `describeChange`. */
  readonly what: string
  readonly why: string
  /** `all`: it was so short a while ago that none is tried again; `spares`: none that nobody waits for. */
  readonly rests?: 'all' | 'spares'
}
