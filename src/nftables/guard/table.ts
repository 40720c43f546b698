import type { ApplyContext, Driver, Failures } from '../../core/driver.ts'
import { type GuardTable, NO_GUARD } from '../../core/guard/observation.ts'
import type { Links } from '../../core/node/link.ts'
import { type Outcome, run } from '../../os/program.ts'
import { type Transact, transactOnce } from '../nft.ts'
import { applyAsOne } from '../transaction.ts'
import { RememberedGuard } from './memory.ts'
import { guardTableOf } from './names.ts'
import { parseDrops, parseGuard } from './parse.ts'
import { type NftGuardChange, removeTable, renderGuard } from './render.ts'

export interface GuardTablesOptions {
  readonly onTransaction?: ((pid: number) => void) | undefined
  readonly remembers?: boolean
  /** Default: by a process of its own each time. */
  readonly transact?: Transact
}

/**
 * The guard's table, `netdev NAME.guard`, and nothing outside it: apart from that of DHCP, so that neither has to know what
 * the other does.
 *
 * Traps:
 * - Elements are keyed by the link's name, not its number: since kernel 6.16 a chain whose link is made anew is attached to
 *   it by the kernel at once, as when a container reboots, and then the guest is guarded as before, and not cut off.
 *   Before, the chain goes with its link.
 * - A link that vanishes while its chain is being added fails the whole transaction on 6.12. So one that fails is tried
 *   again change by change.
 * - nft prints a warning for each rule that counts: it has no JSON for it. The counts are in the maps.
 */
export class GuardTables implements Driver<'guard', GuardTable, Links> {
  readonly #table: string
  readonly #onTransaction: (pid: number) => void
  readonly #remembers: boolean
  readonly #transaction: Transact
  #memory: RememberedGuard | undefined

  /** As for `PortTables`: with `remembers`, somebody calls `forget` when the table is changed from outside. */
  constructor(
    instance: string,
    { onTransaction = () => undefined, remembers = false, transact = transactOnce }: GuardTablesOptions = {},
  ) {
    this.#transaction = transact
    this.#table = guardTableOf(instance)
    this.#onTransaction = onTransaction
    this.#remembers = remembers
  }

  get name(): string {
    return this.#table
  }

  async observe(links: Links): Promise<GuardTable> {
    if (this.#memory) return this.#memory.asOf(links)
    const table = await this.list()
    this.#memory = this.#remembers ? new RememberedGuard(table, links) : undefined
    return table
  }

  /** What is in the table. Throws when nft itself does not work. */
  async list(): Promise<GuardTable> {
    const listing = await run('nft', ['-j', 'list', 'table', 'netdev', this.#table])
    if (listing.ok) return parseGuard(listing.stdout)
    if (listing.stderr.includes('No such file or directory')) return NO_GUARD
    throw new Error(listing.reason)
  }

  /** What was dropped until now, by link. Throws when nft itself does not work. */
  async drops(): Promise<GuardTable['drops']> {
    const listing = await run('nft', ['-j', 'list', 'maps', 'netdev'])
    if (!listing.ok) throw new Error(listing.reason)
    return parseDrops(listing.stdout, this.#table)
  }

  /** Somebody else may have changed the table. */
  forget(): void {
    this.#memory = undefined
  }

  /** Applies changes in one transaction; if that fails, each by itself. Returns those that failed, with the reason. */
  async apply(changes: readonly NftGuardChange[], { before }: ApplyContext): Promise<Failures> {
    const { asOne, failures } = await applyAsOne(changes, some => this.#transact(some))
    if (asOne) this.#memory?.apply(changes, before.links)
    else this.forget()
    return failures
  }

  /** Removes the table. */
  async remove(): Promise<Outcome> {
    return await this.#run(removeTable(this.#table))
  }

  async #transact(changes: readonly NftGuardChange[]): Promise<Outcome> {
    return await this.#run(changes.flatMap(change => renderGuard(change, this.#table)))
  }

  async #run(lines: readonly string[]): Promise<Outcome> {
    return await this.#transaction(lines, this.#onTransaction)
  }
}
