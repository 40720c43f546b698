import { FORGOTTEN, type Remembered, type RingReason } from './ringReason.ts'

/** What the kernel counts the changes of: it need not be listed at a look that nobody rang for if all of them were told. */
const COUNTED: readonly Remembered[] = ['ports', 'guard']

/** Looks in a row, a minute apart, at which what is counted need not be listed: then guestnet's own bookkeeping is looked at, too. */
const UNLISTED_AT_MOST = 9

export interface DoubtsOptions {
  /** Whether all changes of nftables since the last call were told. */
  readonly isComplete: () => Promise<boolean>
  /** Whether somebody reads counters, which change without being changed by anybody. */
  readonly areCountersRead: () => boolean
}

/** What of that which is remembered has to be looked at anew. */
export class Doubts {
  readonly #options: DoubtsOptions
  #unlisted = 0

  constructor(options: DoubtsOptions) {
    this.#options = options
  }

  /** After these rings. */
  async after(reasons: readonly RingReason[]): Promise<ReadonlySet<Remembered>> {
    const parts = new Set(reasons.flatMap(reason => FORGOTTEN[reason]))
    if (!COUNTED.some(part => parts.has(part))) return parts
    const isComplete = await this.#options.isComplete()
    const areCountersRead = this.#options.areCountersRead()
    const others = new Set(reasons.flatMap(reason => (reason === 'timer' ? [] : FORGOTTEN[reason])))
    const isKept =
      isComplete &&
      !areCountersRead &&
      this.#unlisted < UNLISTED_AT_MOST &&
      !COUNTED.some(part => others.has(part))
    if (isKept) for (const part of COUNTED) parts.delete(part)
    this.#unlisted = isKept ? this.#unlisted + 1 : 0
    return parts
  }
}
