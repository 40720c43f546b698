/** Events of one guest that are told at once, and milliseconds after which there is room for another. */
const SHARE = { atOnce: 100, refill: 60_000 }
/** Owners that are remembered; those that have been quiet are forgotten first. */
const MOST_OWNERS = 10_000

interface Account {
  room: number
  since: number
  untold: number
}

/**
 * How much of the timeline one owner of events may fill. A bucket of tokens: a burst is told whole, and what goes on for
 * hours is told now and then, with how much was left out, so that others' events are still there in the morning.
 */
export class Shares {
  readonly #accounts = new Map<string, Account>()

  /** Whether there is room for an event of this owner now, and how many there was none for since the last. `now`: milliseconds by a clock that nobody sets. */
  take(owner: string, now: number): { readonly isTold: boolean; readonly untold: number } {
    const account = this.#accounts.get(owner) ?? { room: SHARE.atOnce, since: now, untold: 0 }
    // To the end of the order in which owners are forgotten.
    this.#accounts.delete(owner)
    this.#accounts.set(owner, account)
    if (this.#accounts.size > MOST_OWNERS) this.#forgetOldest()
    const refilled = Math.max(0, Math.floor((now - account.since) / SHARE.refill))
    account.room = Math.min(SHARE.atOnce, account.room + refilled)
    account.since = account.room === SHARE.atOnce ? now : account.since + refilled * SHARE.refill
    if (account.room === 0) {
      account.untold += 1
      return { isTold: false, untold: 0 }
    }
    account.room -= 1
    const { untold } = account
    account.untold = 0
    return { isTold: true, untold }
  }

  #forgetOldest(): void {
    const [oldest] = this.#accounts.keys()
    if (oldest !== undefined) this.#accounts.delete(oldest)
  }
}
