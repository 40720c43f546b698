import type { PortTable } from '../core/dhcp/observation.ts'
import type { ApplyContext, Driver, Failures } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import { type Outcome, run } from '../os/program.ts'
import { RememberedTable } from './memory.ts'
import { type Transact, transactOnce } from './nft.ts'
import { NO_TABLE, parseTable } from './parse.ts'
import { type NftablesChange, render } from './render.ts'
import { applyAsOne } from './transaction.ts'

export interface PortTablesOptions {
  readonly onTransaction?: ((pid: number) => void) | undefined
  readonly remembers?: boolean
  /** Default: by a process of its own each time. */
  readonly transact?: Transact
}

/**
 * guestnet's table, `netdev NAME`, and nothing outside it.
 *
 * Traps:
 * - Up to kernel 6.15 a deleted link takes its chain along, later ones keep the chain and attach it to a link of the
 *   same name by themselves. Elements keep the ifindex. So a port's chain and element are always made anew together.
 * - A link that vanishes while its chain is being added fails the whole transaction on 6.12, not on 6.18. So a
 *   transaction that fails is tried again change by change.
 * - A chain holds 256 links at most, so each port has its own.
 */
export class PortTables implements Driver<'ports' | 'solicitations', PortTable, Links> {
  readonly #table: string
  readonly #onTransaction: (pid: number) => void
  readonly #remembers: boolean
  readonly #transaction: Transact
  #memory: RememberedTable | undefined

  /**
   * `onTransaction` is told the process id of each `nft` that changes the table, as `nft monitor` will name it. With
   * `remembers`, whoever calls `forget` when somebody else changes the table saves a listing each time: with hundreds of
   * ports that is most of what it takes to serve one more.
   */
  constructor(
    table: string,
    { onTransaction = () => undefined, remembers = false, transact = transactOnce }: PortTablesOptions = {},
  ) {
    this.#transaction = transact
    this.#table = table
    this.#onTransaction = onTransaction
    this.#remembers = remembers
  }

  /**
   * What is in the table. `links` must have been looked at before: what nftables then shows by name belongs to the link
   * of that name in `links`, or to a younger one, which rings. Throws when nft itself does not work.
   */
  async observe(links: Links): Promise<PortTable> {
    const remembered = this.#memory?.asOf(links)
    if (remembered) return remembered
    const table = await this.list()
    this.#memory = this.#remembers ? new RememberedTable(table, links) : undefined
    return table
  }

  /** What is in the table, listed by nft, counters included. Throws when nft itself does not work. */
  async list(): Promise<PortTable> {
    const listing = await run('nft', ['-j', 'list', 'table', 'netdev', this.#table])
    if (listing.ok) return parseTable(listing.stdout)
    if (listing.stderr.includes('No such file or directory')) return NO_TABLE
    throw new Error(listing.reason)
  }

  /** Somebody else may have changed the table. */
  forget(): void {
    this.#memory = undefined
  }

  /** Applies changes in one transaction; if that fails, each by itself. Returns those that failed, with the reason. */
  async apply(changes: readonly NftablesChange[], { before }: ApplyContext): Promise<Failures> {
    if (changes.length === 0) return new Map()
    const { asOne, failures } = await applyAsOne(changes, some => this.#transact(some))
    if (asOne) this.#memory?.apply(changes, before.links)
    else this.forget()
    return failures
  }

  /** Removes the table. */
  async remove(): Promise<Outcome> {
    const lines = [`add table netdev ${this.#table}`, `delete table netdev ${this.#table}`]
    return await this.#transaction(lines, this.#onTransaction)
  }

  async #transact(changes: readonly NftablesChange[]): Promise<Outcome> {
    const lines = changes.flatMap(change => render(change, this.#table))
    return await this.#transaction(lines, this.#onTransaction)
  }
}
