import type { ChangeOf, Driver, Failures } from '../core/driver.ts'
import type { Family } from '../core/values/family.ts'
import type { Result } from '../core/values/result.ts'

/** Milliseconds after a failure in which no other one is started. */
const REST_MS = 60_000

export interface SparesSeen {
  /** By slot: the families of those that are being started. */
  readonly starting: ReadonlyMap<number, Family>
  /** Families of which one did not come up a short while ago. */
  readonly failed: ReadonlySet<Family>
}

export interface KeaSparesOptions {
  /** Starts one and waits until it is up. */
  readonly start: (slot: number, family: Family) => Promise<Result>
  /** Told when one is up, or else why it did not come up. */
  readonly onStarted?: ((result: Result) => void) | undefined
}

/** Keas that are started beforehand, each in the background: no run of the line waits for them. */
export class KeaSpares implements Driver<'spares', SparesSeen> {
  readonly #options: KeaSparesOptions
  readonly #starting = new Map<number, Family>()
  readonly #failedAt = new Map<Family, number>()
  readonly #underWay = new Map<Family, Promise<void>>()

  constructor(options: KeaSparesOptions) {
    this.#options = options
  }

  async observe(): Promise<SparesSeen> {
    const now = performance.now()
    for (const [family, at] of this.#failedAt) if (now - at > REST_MS) this.#failedAt.delete(family)
    return { starting: new Map(this.#starting), failed: new Set(this.#failedAt.keys()) }
  }

  /** Begins; those of a family one after the other. */
  async apply(changes: readonly ChangeOf<'spares'>[]): Promise<Failures> {
    for (const { slot, family } of changes) {
      this.#starting.set(slot, family)
      const before = this.#underWay.get(family) ?? Promise.resolve()
      this.#underWay.set(
        family,
        before.then(() => this.#start(slot, family)),
      )
    }
    return new Map()
  }

  /** Waits until all of them are up, or not. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #start(slot: number, family: Family): Promise<void> {
    const result = await this.#options.start(slot, family)
    this.#starting.delete(slot)
    if (!result.ok) this.#failedAt.set(family, performance.now())
    this.#options.onStarted?.(result)
  }
}
