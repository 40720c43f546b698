/** Milliseconds that a report is good for others who ask while the agent has noticed nothing: a browser that loads the page again. */
const FRESH = 5000

/** Milliseconds that somebody waits for a new look before an older one is told, and how old that may be. */
const PATIENCE = 250
const NOT_OLD = 30_000

/** Milliseconds between two looks for listeners, at least, and how many times as long as a look takes. */
const PAUSE = 100
const SHARE = 10

export interface ReportNewsOptions<Told> {
  /** Costs a look at the daemons; throws while there is no report. */
  readonly look: () => Promise<Told>
  /** What is known without a look; `undefined`: nothing. */
  readonly atOnce: () => Promise<Told | undefined>
  /** Calls back whenever the report may have changed; the returned function ends that. */
  readonly onLook: (listener: () => void) => () => void
}

/**
 * Reports for any number of people at the cost of one: those who ask at the same time share a look at the daemons, and news
 * are looked for only while somebody listens and after the agent did something.
 */
export class ReportNews<Told extends { readonly revision: string }> {
  readonly #options: ReportNewsOptions<Told>
  readonly #listeners = new Set<(revision: string) => void>()
  readonly #endLooks: () => void
  /** The newest that could be told. */
  #latest: Told | undefined
  #learnedAt = 0
  /** The look that is under way, and the one that follows it. */
  #looking: Promise<Told> | undefined
  #next: Promise<Told> | undefined
  /** The last look, unless the agent has noticed something since it began. */
  #valid: Promise<Told> | undefined
  #begunAt = 0
  #timer: NodeJS.Timeout | undefined
  /** Milliseconds that the last look took. */
  #took = 0

  constructor(options: ReportNewsOptions<Told>) {
    this.#options = options
    this.#endLooks = options.onLook(() => this.#mayHaveChanged())
  }

  /**
   * The report: that of the last look, if the agent has noticed nothing since and it is a few seconds old at most, or of a new
   * one. Where that takes long, as while the agent has much to do, the one before, or what is known without a look: whoever
   * listens is told of the new one.
   */
  async current(): Promise<Told> {
    const isFresh = this.#valid && performance.now() - this.#begunAt < FRESH
    const asked = isFresh && this.#valid ? this.#valid : this.#look()
    if (await isSettledIn(PATIENCE, asked)) return await asked
    const known = await this.#known()
    return known ?? (await asked)
  }

  async #known(): Promise<Told | undefined> {
    if (this.#latest && performance.now() - this.#learnedAt < NOT_OLD) return this.#latest
    const known = await this.#options.atOnce()
    if (known) this.#take(known)
    return known
  }

  /** Calls back with each new revision; the returned function ends that. */
  listen(listener: (revision: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#endLooks()
    clearTimeout(this.#timer)
    this.#listeners.clear()
  }

  /** One look at a time: what was noticed during one is seen by the next, which everybody shares who asks meanwhile. */
  #look(): Promise<Told> {
    if (!this.#looking) return this.#begin()
    this.#next ??= this.#looking.then(
      () => this.#begin(),
      () => this.#begin(),
    )
    return this.#next
  }

  #begin(): Promise<Told> {
    this.#next = undefined
    this.#begunAt = performance.now()
    const looking = this.#options.look()
    this.#looking = looking
    this.#valid = looking
    looking.then(
      told => {
        this.#ended()
        this.#learn(told)
      },
      () => {
        // A failure is for those who asked meanwhile, and for nobody else.
        this.#valid = undefined
        this.#ended()
      },
    )
    return looking
  }

  #ended(): void {
    this.#looking = undefined
    this.#took = performance.now() - this.#begunAt
  }

  #learn(told: Told): void {
    const former = this.#latest?.revision
    this.#take(told)
    if (told.revision !== former) for (const listener of this.#listeners) listener(told.revision)
  }

  #take(told: Told): void {
    this.#latest = told
    this.#learnedAt = performance.now()
  }

  #mayHaveChanged(): void {
    this.#valid = undefined
    if (this.#listeners.size === 0) return
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        // Without a report at the moment, whoever asks for it is told why.
        this.#look().catch(() => undefined)
      },
      Math.max(PAUSE, SHARE * this.#took),
    )
  }
}

/** Whether a promise is kept or broken within so many milliseconds. */
function isSettledIn(ms: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(false), ms)
    const settled = () => {
      clearTimeout(timer)
      resolve(true)
    }
    promise.then(settled, settled)
  })
}
