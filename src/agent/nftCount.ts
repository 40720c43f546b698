/**
 * Whether all changes of nftables were heard of: the kernel counts each transaction, and `nft monitor` tells its number with it. One that
 * was made and not told shows in the kernel's own count.
 */
export class NftCount {
  readonly #ask: () => Promise<number | undefined>
  /** The number of the last transaction that is accounted for, with all before it. */
  #known: number | undefined

  /** `ask` asks the kernel for the number of its last transaction. */
  constructor(ask: () => Promise<number | undefined>) {
    this.#ask = ask
  }

  /** Takes a line of `nft monitor`. */
  told(line: string): void {
    const [, generation] = /^# new generation (\d+) /.exec(line) ?? []
    if (generation === undefined || this.#known === undefined || Number(generation) <= this.#known) return
    this.#known = Number(generation) === this.#known + 1 ? Number(generation) : undefined
  }

  /** Whether nothing was changed since the last call that was not told. A line that comes late makes it say no. */
  async isComplete(): Promise<boolean> {
    const now = await this.#ask()
    const isComplete = now !== undefined && now === this.#known
    this.#known = now
    return isComplete
  }
}
