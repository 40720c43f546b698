/** Milliseconds that a report is good for others who ask while the agent has noticed nothing: a browser that loads the page again. */
const FRESH = 5000

/** Milliseconds that somebody waits for a new look before an older one is told, and how old that may be. */
const PATIENCE = 250
const NOT_OLD = 30_000

/** Milliseconds without news, after which the agent has done what there was to do when it began. */
const REST = 2000

/** Milliseconds between two looks for listeners, at least, and how many times as long as a look takes. */
const PAUSE = 100
const SHARE = 10

export interface ReportNewsOptions<Report, Told> {
  /** Costs a look at the daemons; throws while there is no report. */
  readonly look: () => Promise<Report>
  /** What is known without a look; `undefined`: nothing. */
  readonly last: () => Report | undefined
  readonly tell: (report: Report) => Promise<Told>
  /** Calls back whenever the report may have changed; the returned function ends that. */
  readonly onLook: (listener: () => void) => () => void
}

/** A look, which may take as long as the daemons do, and what is then told of it, which takes a moment. */
interface Look<Told> {
  readonly looked: Promise<unknown>
  readonly told: Promise<Told>
}

/**
 * Reports for any number of people at the cost of one: those who ask at the same time share a look at the daemons, and news
 * are looked for only while somebody listens and after the agent did something.
 */
export class ReportNews<Report, Told extends { readonly revision: string }> {
  readonly #options: ReportNewsOptions<Report, Told>
  readonly #listeners = new Set<(revision: string) => void>()
  readonly #endLooks: () => void
  /** The newest that could be told. */
  #latest: Told | undefined
  #learnedAt = 0
  /** The look that is under way, and the one that follows it. */
  #looking: Look<Told> | undefined
  #next: Look<Told> | undefined
  /** The last look, unless the agent has noticed something since it began. */
  #valid: Look<Told> | undefined
  /** What is known without a look is just being told. */
  #telling: Promise<Told> | undefined
  #begunAt = 0
  #timer: NodeJS.Timeout | undefined
  #firstTimer: NodeJS.Timeout | undefined
  /** Milliseconds that the last look took. */
  #took = 0

  constructor(options: ReportNewsOptions<Report, Told>) {
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
    const { looked, told } = isFresh && this.#valid ? this.#valid : this.#look()
    if (await isSettledIn(PATIENCE, looked)) return await told
    return await (this.#known() ?? told)
  }

  #known(): Promise<Told> | Told | undefined {
    if (this.#latest && performance.now() - this.#learnedAt < NOT_OLD) return this.#latest
    if (this.#telling) return this.#telling
    const last = this.#options.last()
    if (!last) return undefined
    this.#telling = this.#tellLast(last)
    return this.#telling
  }

  async #tellLast(last: Report): Promise<Told> {
    const before = this.#latest
    try {
      const told = await this.#options.tell(last)
      // A look may have come to its end meanwhile.
      if (this.#latest === before) this.#take(told)
      return this.#latest ?? told
    } finally {
      this.#telling = undefined
    }
  }

  /** Calls back with each new revision; the returned function ends that. */
  listen(listener: (revision: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#endLooks()
    clearTimeout(this.#timer)
    clearTimeout(this.#firstTimer)
    this.#listeners.clear()
  }

  /** One look at a time: what was noticed during one is seen by the next, which everybody shares who asks meanwhile. */
  #look(): Look<Told> {
    if (!this.#looking) return this.#begin()
    this.#next ??= followed(this.#looking, () => this.#begin())
    return this.#next
  }

  #begin(): Look<Told> {
    this.#next = undefined
    this.#begunAt = performance.now()
    const looked = this.#options.look()
    const told = looked.then(report => this.#options.tell(report))
    const look = { looked, told }
    this.#looking = look
    this.#valid = look
    told.then(
      one => {
        this.#ended()
        this.#learn(one)
      },
      () => {
        // A failure is for those who asked meanwhile, and for nobody else.
        this.#valid = undefined
        this.#ended()
      },
    )
    return look
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
    if (this.#listeners.size === 0) {
      if (!this.#latest) this.#prepare()
      return
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        // Without a report at the moment, whoever asks for it is told why.
        this.#look().told.catch(() => undefined)
      },
      Math.max(PAUSE, SHARE * this.#took),
    )
  }

  /** The first report of all takes three times as long as the next, by code that never ran: it is made while nobody waits for it. */
  #prepare(): void {
    clearTimeout(this.#firstTimer)
    this.#firstTimer = setTimeout(() => {
      if (!this.#latest) this.#look().told.catch(() => undefined)
    }, REST).unref()
  }
}

/** A look that begins when another one is over, however that ended. */
function followed<Told>(look: Look<Told>, begin: () => Look<Told>): Look<Told> {
  const begun = look.told.then(begin, begin)
  const told = begun.then(next => next.told)
  const looked = begun.then(next => next.looked)
  // Whoever waits is told of a failure, and it may be that nobody does.
  looked.catch(() => undefined)
  told.catch(() => undefined)
  return { looked, told }
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
