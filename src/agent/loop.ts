/** When work is done, by a clock that tests can replace. */
export interface Timers {
  after(ms: number, action: () => void): () => void
}

export const realTimers: Timers = {
  after(ms, action) {
    const timer = setTimeout(action, ms)
    return () => clearTimeout(timer)
  },
}

export interface LoopOptions<Reason extends string> {
  /**
   * One run of the line. Resolves to true where another look is worth it soon: something failed or was half written. `rangAt`:
   * when it was first rung for, on the clock of `performance.now`.
   */
  readonly work: (reasons: readonly Reason[], rangAt: number) => Promise<boolean>
  /** The reason of a run that nobody rang for. */
  readonly idle: Reason
  readonly timers?: Timers
  /** Milliseconds that a ring waits for others of the same burst. */
  readonly settle?: number
  /** Milliseconds between full looks. */
  readonly fullLook?: number
  /** Told of what `work` threw. */
  readonly onError: (error: unknown) => void
}

/** Milliseconds until the next try while something is amiss; doubles up to the longest. */
const RETRY = { first: 200, longest: 10_000 }

/**
 * Level-triggered: a ring says that something may have changed, never what. Rings during a run lead to one more run, so
 * none is lost and a burst costs little.
 */
export class Loop<Reason extends string> {
  readonly #options: Required<LoopOptions<Reason>>
  readonly #reasons = new Set<Reason>()
  #rangAt = 0
  #cancel: (() => void) | undefined
  #cancelFullLook: (() => void) | undefined
  #running: Promise<void> | undefined
  #runBegan: number | undefined
  #retryAfter = RETRY.first
  #stopped = false
  #waiting: (() => void)[] = []

  constructor(options: LoopOptions<Reason>) {
    this.#options = { timers: realTimers, settle: 12, fullLook: 60_000, ...options }
  }

  /** Something may have changed. `settle`: milliseconds to wait for others of the same burst. */
  ring(reason: Reason, settle = this.#options.settle): void {
    // Only the first ring of a burst sets the time: a steady stream of them must not put the work off for ever.
    const isFirst = this.#reasons.size === 0
    if (isFirst) this.#rangAt = performance.now()
    this.#reasons.add(reason)
    if (isFirst && !this.#running) this.#schedule(settle)
  }

  /** Rings, and resolves when a run that began after this call has ended. */
  async converge(reason: Reason): Promise<void> {
    const { promise, resolve } = deferred()
    this.#waiting.push(resolve)
    this.ring(reason)
    await promise
  }

  /** Resolves when the run under way has ended, whatever it began with; between two runs it rings for one. */
  async underWay(reason: Reason): Promise<void> {
    await (this.#running ?? this.converge(reason))
  }

  /** Milliseconds that the run under way has taken so far; 0 between two runs. */
  get busyFor(): number {
    return this.#runBegan === undefined ? 0 : performance.now() - this.#runBegan
  }

  /** Ends the loop; resolves when a run under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancelFullLook?.()
    await this.#running
    for (const resolve of this.#waiting) resolve()
  }

  #schedule(ms: number): void {
    this.#cancel?.()
    if (this.#stopped) return
    this.#cancel = this.#options.timers.after(ms, () => {
      // What the work does at once may ring already: by then the run has to be known as running.
      this.#running = Promise.resolve().then(() => this.#run())
    })
  }

  async #run(): Promise<void> {
    const reasons = [...this.#reasons]
    const waiting = this.#waiting
    const rangAt = reasons.length === 0 ? performance.now() : this.#rangAt
    this.#reasons.clear()
    this.#waiting = []
    this.#runBegan = performance.now()
    const isAmiss = await this.#try(reasons, rangAt)
    this.#runBegan = undefined
    if (reasons.length === 0 || reasons.includes(this.#options.idle)) this.#awaitFullLook()
    for (const resolve of waiting) resolve()
    this.#running = undefined
    this.#scheduleNext(isAmiss)
  }

  async #try(reasons: readonly Reason[], rangAt: number): Promise<boolean> {
    try {
      return await this.#options.work(reasons.length === 0 ? [this.#options.idle] : reasons, rangAt)
    } catch (error) {
      this.#options.onError(error)
      return true
    }
  }

  #scheduleNext(isAmiss: boolean): void {
    const retry = this.#retryAfter
    this.#retryAfter = isAmiss ? Math.min(retry * 2, RETRY.longest) : RETRY.first
    if (this.#reasons.size > 0) this.#schedule(this.#options.settle)
    else if (isAmiss) this.#schedule(retry)
    if (!this.#cancelFullLook) this.#awaitFullLook()
  }

  /** The next one comes so long after the last, however many others ring meanwhile. */
  #awaitFullLook(): void {
    this.#cancelFullLook?.()
    if (this.#stopped) return
    const { timers, fullLook, idle } = this.#options
    this.#cancelFullLook = timers.after(fullLook, () => this.ring(idle, 0))
  }
}

/** `Promise.withResolvers` comes with Node 22. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
