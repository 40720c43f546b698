import { describeChange } from '../core/change.ts'
import type { StartingKea } from '../core/dhcp/observation.ts'
import { familyOfServer } from '../core/dhcp/serverId.ts'
import type { ApplyContext, ChangeOf, Driver, Failures } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import type { StartFailure } from '../core/problem/startFailure.ts'
import type { Family } from '../core/values/family.ts'
import { DONE, type Result } from '../core/values/result.ts'
import { StartTrouble } from '../os/startTrouble.ts'

type Start = ChangeOf<'preparations' | 'spares'>

export interface BackgroundSeen {
  /** By slot. */
  readonly starting: ReadonlyMap<number, StartingKea>
  /** Slots whose Kea was told what to serve. */
  readonly ready: ReadonlySet<number>
  /** Of families of which one did not come up, and none has since. */
  readonly failures: ReadonlyMap<Family, StartFailure>
}

export interface BackgroundKeasOptions {
  /** Makes a slot's namespace and link. */
  readonly build: (slot: number, links: Links) => Promise<Result>
  /** Starts one that is to stand by, and waits until it is up. */
  readonly start: (slot: number, family: Family) => Promise<Result>
  /** Has one serve, and waits until it does. */
  readonly serve: (change: ChangeOf<'preparations'>) => Promise<Result>
  /** Told when one is up or serves, or else why it does not; `awaited`: it was to serve. */
  readonly onDone?: ((done: { readonly awaited: boolean; readonly result: Result }) => void) | undefined
}

/** Keas that come up in the background, to serve or to stand by, and those on standby that are told what to serve: no run of the line waits for them. */
export class BackgroundKeas implements Driver<'preparations' | 'spares', BackgroundSeen> {
  readonly #options: BackgroundKeasOptions
  readonly #starting = new Map<number, StartingKea>()
  readonly #ready = new Set<number>()
  readonly #troubles = new Map<Family, { readonly trouble: StartTrouble; readonly kind: Start['kind'] }>()
  readonly #underWay = new Map<Family, Promise<void>>()

  constructor(options: BackgroundKeasOptions) {
    this.#options = options
  }

  async observe(): Promise<BackgroundSeen> {
    return {
      starting: new Map(this.#starting),
      ready: new Set(this.#ready),
      failures: new Map(
        [...this.#troubles].flatMap(([family, { trouble }]) =>
          trouble.failure ? [[family, trouble.failure] as const] : [],
        ),
      ),
    }
  }

  /** Begins; those of a family one after the other. */
  async apply(changes: readonly Start[], { before }: Pick<ApplyContext, 'before'>): Promise<Failures> {
    for (const change of changes) {
      const family = familyOf(change)
      const { slot } = change
      this.#starting.set(slot, { family, ...('server' in change && { server: change.server }) })
      this.#ready.delete(slot)
      const former = this.#underWay.get(family) ?? Promise.resolve()
      this.#underWay.set(
        family,
        former.then(() => this.#carryOut(change, before.links)),
      )
    }
    return new Map()
  }

  /** Waits until all of them are up, or not. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #carryOut(change: Start, links: Links): Promise<void> {
    const { build } = this.#options
    const built = change.builds ? await build(change.slot, links) : DONE
    const result = built.ok ? await this.#start(change) : built
    this.#starting.delete(change.slot)
    this.#note(change, result)
    this.#options.onDone?.({ awaited: change.kind === 'server-prepare', result })
  }

  async #start(change: Start): Promise<Result> {
    const { start, serve } = this.#options
    return change.kind === 'spare-start' ? await start(change.slot, change.family) : await serve(change)
  }

  /** That one can stand by does not say yet that it can serve. */
  #note(change: Start, result: Result): void {
    const family = familyOf(change)
    const { trouble = new StartTrouble(), kind = change.kind } = this.#troubles.get(family) ?? {}
    if (!result.ok) {
      trouble.note(describeChange(change), result.reason)
      this.#troubles.set(family, { trouble, kind: change.kind })
      return
    }
    if (change.kind === 'server-prepare') this.#ready.add(change.slot)
    if (change.kind === 'server-prepare' || kind === 'spare-start') this.#troubles.delete(family)
  }
}

function familyOf(change: Start): Family {
  return change.kind === 'spare-start' ? change.family : familyOfServer(change.server)
}
