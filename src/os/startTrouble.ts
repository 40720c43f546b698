import type { StartFailure } from '../core/problem/startFailure.ts'

/** Milliseconds after a failure in which nothing is tried, each time twice as long; and in which nothing is tried that nobody waits for. */
const REST = { first: 1000, longest: 10_000, unawaited: 60_000 }

/** That something does not come up in the background, and how long it is let be. */
export class StartTrouble {
  readonly #now: () => number
  #last: Pick<StartFailure, 'what' | 'why'> | undefined
  #ms = 0
  #since = 0

  /** `now`: milliseconds, by a clock that nobody sets. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** It has failed, again. */
  note(what: string, why: string): void {
    this.#last = { what, why }
    this.#since = this.#now()
    this.#ms = this.#ms === 0 ? REST.first : Math.min(2 * this.#ms, REST.longest)
  }

  /** It has come up. */
  clear(): void {
    this.#last = undefined
    this.#ms = 0
  }

  /** The last failure; `undefined` where it came up since. */
  get failure(): StartFailure | undefined {
    const past = this.#now() - this.#since
    if (!this.#last) return undefined
    if (past < this.#ms) return { ...this.#last, rests: 'all' }
    return past < REST.unawaited ? { ...this.#last, rests: 'spares' } : this.#last
  }
}
