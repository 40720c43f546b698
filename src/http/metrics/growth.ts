/** Adds up what many counters grew by that come, go and start over, as those of guests' ports do. */
export class Growth {
  #known = new Map<string, number>()

  /** Takes all counters as they are now; returns what they grew by since the last time. */
  take(counters: Iterable<readonly [key: string, value: number]>): number {
    const before = this.#known
    this.#known = new Map(counters)
    let grown = 0
    for (const [key, value] of this.#known) {
      const former = before.get(key) ?? 0
      grown += value >= former ? value - former : value
    }
    return grown
  }
}
