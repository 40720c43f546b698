/** Somebody who removes things at the end. */
export interface Owner {
  /** Takes something to be removed at the end; best before it is made, so that half of it is removed too. */
  own(what: string, remove: () => Promise<void> | void): void
}

interface Belonging {
  readonly what: string
  readonly remove: () => Promise<void> | void
}

/** Things that have to be removed at the end, each before those it was made upon. */
export class Belongings {
  readonly #all: Belonging[] = []
  #gone = false

  /** Adds something; best before it is made, so that half of it is removed too. */
  add(what: string, remove: () => Promise<void> | void): void {
    // While the rest goes it is still removed; later it would stay for ever.
    if (this.#gone) throw new Error('the lab is closed')
    this.#all.push({ what, remove })
  }

  /** Removes everything, latest first. A failure stops nothing else; all of them are reported together. */
  async removeAll(): Promise<void> {
    const failures: unknown[] = []
    for (let last = this.#all.pop(); last !== undefined; last = this.#all.pop()) {
      try {
        await last.remove()
      } catch (cause) {
        failures.push(new Error(`cannot remove ${last.what}: ${String(cause)}`, { cause }))
      }
    }
    this.#gone = true
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'))
  }
}
