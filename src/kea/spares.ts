import { familyOfServer } from '../core/dhcp/serverId.ts'
import type { ChangeOf, Driver, Failures } from '../core/driver.ts'
import type { Family } from '../core/values/family.ts'
import type { Result } from '../core/values/result.ts'

type Prepare = Extract<ChangeOf<'spares'>, { kind: 'server-prepare' }>

/** Milliseconds after a failure in which no other one is started. */
const REST_MS = 60_000

export interface SparesSeen {
  /** By slot: the families of those that are being started. */
  readonly starting: ReadonlyMap<number, Family>
  /** Slots whose Kea was told what to serve. */
  readonly ready: ReadonlySet<number>
  /** Families of which one did not come up a short while ago. */
  readonly failed: ReadonlySet<Family>
}

export interface KeaSparesOptions {
  /** Starts one and waits until it is up. */
  readonly start: (slot: number, family: Family) => Promise<Result>
  /** Has one serve, and waits until it does. */
  readonly serve: (change: Prepare) => Promise<Result>
  /** Told when one is up or serves, or else why it does not. */
  readonly onStarted?: ((result: Result) => void) | undefined
}

/** Keas that are started beforehand, and then told what to serve, each in the background: no run of the line waits for them. */
export class KeaSpares implements Driver<'spares', SparesSeen> {
  readonly #options: KeaSparesOptions
  readonly #starting = new Map<number, Family>()
  readonly #ready = new Set<number>()
  readonly #failedAt = new Map<Family, number>()
  readonly #underWay = new Map<Family, Promise<void>>()

  constructor(options: KeaSparesOptions) {
    this.#options = options
  }

  async observe(): Promise<SparesSeen> {
    const now = performance.now()
    for (const [family, at] of this.#failedAt) if (now - at > REST_MS) this.#failedAt.delete(family)
    return {
      starting: new Map(this.#starting),
      ready: new Set(this.#ready),
      failed: new Set(this.#failedAt.keys()),
    }
  }

  /** Begins; those of a family one after the other. */
  async apply(changes: readonly ChangeOf<'spares'>[]): Promise<Failures> {
    for (const change of changes) {
      const family = change.kind === 'spare-start' ? change.family : familyOfServer(change.server)
      this.#starting.set(change.slot, family)
      this.#ready.delete(change.slot)
      const before = this.#underWay.get(family) ?? Promise.resolve()
      this.#underWay.set(
        family,
        before.then(() => this.#carryOut(change, family)),
      )
    }
    return new Map()
  }

  /** Waits until all of them are up, or not. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #carryOut(change: ChangeOf<'spares'>, family: Family): Promise<void> {
    const { start, serve, onStarted } = this.#options
    const result = change.kind === 'spare-start' ? await start(change.slot, family) : await serve(change)
    this.#starting.delete(change.slot)
    if (!result.ok) this.#failedAt.set(family, performance.now())
    else if (change.kind === 'server-prepare') this.#ready.add(change.slot)
    onStarted?.(result)
  }
}
