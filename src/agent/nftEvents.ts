import { readGeneration } from '../nftables/generation.ts'
import { NftCount } from './nftCount.ts'

/**
 * Tells from `nft monitor`, nft(8), whether somebody else changed a table. Each transaction prints its events, then
 * `# new generation N by process PID (COMMAND)`; changes of our own are known by the process id.
 */
export class NftEvents {
  /** Whether all of it was told. */
  readonly count = new NftCount(readGeneration)
  readonly #mention: RegExp
  readonly #own = new Set<number>()
  #isMentioned = false

  constructor(...tables: readonly string[]) {
    const names = tables.map(table => table.replaceAll(/[^\w-]/g, '\\$&')).join('|')
    this.#mention = new RegExp(`\\bnetdev (?:${names})(?![\\w.-])`)
  }

  /** Remembers a process as our own. */
  own(pid: number): void {
    // One that is kept running is among the newest.
    this.#own.delete(pid)
    this.#own.add(pid)
    if (this.#own.size > 64) for (const oldest of [...this.#own].slice(0, 32)) this.#own.delete(oldest)
  }

  /** Takes one line; true when it ends a transaction of somebody else's in our table, or tells of lost events. */
  isForeign(line: string): boolean {
    this.count.told(line)
    const [, pid] = /^# new generation \d+ by process (\d+)/.exec(line) ?? []
    if (pid === undefined) {
      if (this.#mention.test(line)) this.#isMentioned = true
      return /^# ERROR/.test(line)
    }
    const isForeign = this.#isMentioned && !this.#own.has(Number(pid))
    this.#isMentioned = false
    return isForeign
  }
}
