/** Milliseconds. */
export interface StartTimeout {
  readonly first: number
  readonly longest: number
}

/**
 * How long daemons have to come up. One that did not in time has twice as long with the next try: on a node without a CPU to
 * spare none ever would, ended and begun anew again and again.
 */
export class StartPatience<Key = undefined> {
  readonly #timeout: StartTimeout
  readonly #next = new Map<Key, number>()

  constructor(timeout: StartTimeout) {
    this.#timeout = timeout
  }

  /** Milliseconds. */
  of(key: Key): number {
    return this.#next.get(key) ?? this.#timeout.first
  }

  /** How a try ended that was given that long. */
  note(key: Key, succeeded: boolean): void {
    if (succeeded) this.#next.delete(key)
    else this.#next.set(key, Math.min(2 * this.of(key), this.#timeout.longest))
  }
}
