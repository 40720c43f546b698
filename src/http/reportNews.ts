import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { GuestWays } from '../core/report/guestWays.ts'
import type { Report } from '../core/report/report.ts'
import { StatusSchema } from '../core/report/schema.ts'
import { known } from '../core/text/known.ts'
import type { Source } from './source.ts'

/** A report as it is told over HTTP, and the ways of its guests. */
export interface ToldReport {
  readonly json: string
  readonly guestsJson: string
  /** Changes whenever anything in it does but its time. */
  readonly revision: string
}

/** Milliseconds that a report is good for others who ask while the agent has noticed nothing: a browser that loads the page again. */
const FRESH = 5000

/** Milliseconds between two looks for listeners, at least, and how many times as long as a look takes. */
const PAUSE = 100
const SHARE = 10

/**
 * Reports for any number of people at the cost of one: those who ask at the same time share a look at the daemons, and news
 * are looked for only while somebody listens and after the agent did something.
 */
export class ReportNews {
  readonly #source: Source
  readonly #listeners = new Set<(revision: string) => void>()
  readonly #endLooks: () => void
  #asked: Promise<ToldReport> | undefined
  #askedAt = 0
  #told: string | undefined
  #timer: NodeJS.Timeout | undefined
  /** Milliseconds that the last look took. */
  #took = 0

  constructor(source: Source) {
    this.#source = source
    this.#endLooks = source.onLook(() => this.#mayHaveChanged())
  }

  /** The report: that of the last look, if the agent has noticed nothing since and it is a few seconds old at most. */
  current(): Promise<ToldReport> {
    if (this.#asked && performance.now() - this.#askedAt < FRESH) return this.#asked
    return this.#ask()
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

  #ask(): Promise<ToldReport> {
    this.#askedAt = performance.now()
    const asked = this.#look()
    this.#asked = asked
    // A failure is for those who asked meanwhile, and for nobody else.
    asked.catch(() => {
      if (this.#asked === asked) this.#asked = undefined
    })
    return asked
  }

  /** In turns, so that others are answered in between: of a thousand guests each part takes its time. */
  async #look(): Promise<ToldReport> {
    const report = await this.#source.report()
    await turn()
    const ways = this.#source.ways(report)
    await turn()
    return tell(report, ways)
  }

  #mayHaveChanged(): void {
    this.#asked = undefined
    if (this.#listeners.size === 0) return
    this.#timer ??= setTimeout(() => void this.#tellNews(), Math.max(PAUSE, SHARE * this.#took))
  }

  async #tellNews(): Promise<void> {
    this.#timer = undefined
    const began = performance.now()
    try {
      const { revision } = await this.#ask()
      if (revision === this.#told) return
      this.#told = revision
      for (const listener of this.#listeners) listener(revision)
    } catch {
      // There is no report at the moment: whoever asks for it is told why.
    } finally {
      this.#took = performance.now() - began
    }
  }
}

function tell(report: Report, ways: readonly GuestWays[]): ToldReport {
  // What the schema does not have, such as what only a driver needs, is not told.
  const status = known(StatusSchema, { agent: true, agentState: 'running', ...report })
  const { time, ...rest } = status
  const lasting = JSON.stringify(rest)
  const guestsJson = JSON.stringify(ways)
  const hash = createHash('sha256').update(lasting).update(guestsJson)
  return {
    json: `{"time":${time},${lasting.slice(1)}`,
    guestsJson,
    revision: hash.digest('base64url').slice(0, 16),
  }
}
