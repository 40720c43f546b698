import type { PortTable } from '../core/observation.ts'
import { type Outcome, run } from '../os/program.ts'
import { NO_TABLE, parseTable } from './parse.ts'
import { type NftablesChange, render } from './render.ts'

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
export class PortTables {
  readonly #table: string
  readonly #onTransaction: (pid: number) => void

  /** `onTransaction` is told the process id of each `nft` that changes the table, as `nft monitor` will name it. */
  constructor(table: string, onTransaction: (pid: number) => void = () => undefined) {
    this.#table = table
    this.#onTransaction = onTransaction
  }

  /** What is in the table. Throws when nft itself does not work. */
  async observe(): Promise<PortTable> {
    const listing = await run('nft', ['-j', 'list', 'table', 'netdev', this.#table])
    if (listing.ok) return parseTable(listing.stdout)
    if (listing.stderr.includes('No such file or directory')) return NO_TABLE
    throw new Error(listing.reason)
  }

  /** Applies changes in one transaction; if that fails, each by itself. Returns those that failed, with the reason. */
  async apply(changes: readonly NftablesChange[]): Promise<Map<NftablesChange, string>> {
    const failures = new Map<NftablesChange, string>()
    if (changes.length === 0) return failures
    const whole = await this.#transact(changes)
    if (whole.ok) return failures
    for (const change of changes) {
      const single = changes.length === 1 ? whole : await this.#transact([change])
      if (!single.ok) failures.set(change, single.reason)
    }
    return failures
  }

  /** Removes the table. */
  async remove(): Promise<Outcome> {
    return await run('nft', ['-f', '-'], {
      input: `add table netdev ${this.#table}\ndelete table netdev ${this.#table}\n`,
      onStart: this.#onTransaction,
    })
  }

  async #transact(changes: readonly NftablesChange[]): Promise<Outcome> {
    const input = changes.flatMap(change => render(change, this.#table)).join('\n')
    return await run('nft', ['-f', '-'], { input: `${input}\n`, onStart: this.#onTransaction })
  }
}
