import type { TimelineEvent } from '../agent/event.ts'
import { Answers } from './answers.ts'
import { fitToShow, type Seen } from './view/seen.ts'
import { withEvent } from './view/timeline.ts'

/** What is known of the agent: what it told last, and whether it still tells. */
export interface Known {
  readonly seen?: Seen
  /** Absent: whatever changes is shown at once. */
  readonly trouble?: Trouble
}

interface Trouble {
  readonly why: string
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Milliseconds after which a stream that was refused is asked for again. */
const AGAIN = 5000

/** Milliseconds that a stream may be away before that is told: a node ends each now and then, and the browser opens it again. */
const AWAY = 4000

/** Before the first were told. */
const NONE: Seen['events'] = []

/**
 * Follows the agent. It asks at once, and again as soon as the stream is open, and whenever that is opened again, so that nothing
 * is missed in between (docs/page.md): an answer that is the same costs nothing. While nothing changes it asks nothing.
 */
export class Live {
  #known: Known = {}
  readonly #onChange: (known: Known) => void
  readonly #answers = new Answers()
  /** As they were asked for last; since then others came by the stream. */
  #events: Seen['events'] = NONE
  /** Of the answers under way the last one asked for counts. */
  #asked = 0
  /** Why the last question was not answered. */
  #failed: Trouble | undefined
  /** Why nothing is told unasked. */
  #lost: Trouble | undefined
  #away: ReturnType<typeof setTimeout> | undefined

  constructor(onChange: (known: Known) => void) {
    this.#onChange = onChange
  }

  start(): void {
    const first = this.#ask('all')
    const stream = new EventSource('api/events')
    stream.addEventListener('open', () => {
      this.#isBack()
      void first.then(() => this.#askAgain())
    })
    stream.addEventListener('report', ({ data }: MessageEvent<string>) => this.#changed(JSON.parse(data)))
    stream.addEventListener('cluster', () => void this.#askCluster())
    stream.addEventListener('event', ({ data }: MessageEvent<string>) => this.#happened(JSON.parse(data)))
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) this.#isRefused()
      else this.#isAway()
    })
  }

  /** The browser opens it again by itself. */
  #isAway(): void {
    const since = Date.now()
    this.#away ??= setTimeout(() => this.#lose({ why: 'The agent does not answer.', since }), AWAY)
  }

  /** It stays closed. Why, whoever asks is told; or it has too many listeners, and what is asked for it tells all the same. */
  #isRefused(): void {
    this.#lose({ why: 'This page is not told of changes, and asks every few seconds.', since: Date.now() })
    setTimeout(() => this.start(), AGAIN)
  }

  #isBack(): void {
    clearTimeout(this.#away)
    this.#away = undefined
    if (this.#lost) this.#lose(undefined)
  }

  #lose(lost: Trouble | undefined): void {
    this.#lost = lost
    this.#tell(this.#known.seen)
  }

  /** It may have come as an answer already. */
  #changed({ revision }: { revision: string }): void {
    if (!this.#answers.isOf('api/guests', revision)) void this.#ask('report')
  }

  async #askAgain(): Promise<void> {
    await this.#ask('all')
    await this.#askCluster()
  }

  async #ask(what: 'all' | 'report'): Promise<void> {
    const number = ++this.#asked
    try {
      const [status, guests, events] = await Promise.all([
        this.#answers.get<Seen['status']>('api/report'),
        this.#answers.get<Seen['guests']>('api/guests'),
        what === 'all' || this.#events === NONE ? this.#timeline() : undefined,
      ])
      if (number !== this.#asked) return
      this.#take(status, guests, events)
    } catch (error) {
      if (number !== this.#asked) return
      const why = error instanceof Error ? error.message : String(error)
      this.#failed = { why, since: this.#failed?.since ?? Date.now() }
      this.#tell(this.#known.seen)
    }
  }

  /** That what happened cannot be had does not keep what is from being shown. */
  async #timeline(): Promise<Seen['events'] | undefined> {
    return await this.#answers.get<Seen['events']>('api/timeline').catch(() => undefined)
  }

  /** The same answer as before is the same value. */
  #take(status: Seen['status'], guests: Seen['guests'], events: Seen['events'] = this.#events): void {
    const { seen } = this.#known
    const isSame = status === seen?.status && guests === seen.guests && events === this.#events
    if (isSame && !this.#failed) return
    this.#failed = undefined
    const shown = seen && events === this.#events ? seen.events : events
    this.#events = events
    this.#tell({ ...seen, status, guests, events: shown })
  }

  /** The other nodes may take a while to answer, and may not: nothing else waits for that. */
  async #askCluster(): Promise<void> {
    try {
      const { nodes } = await this.#answers.get<{ nodes: NonNullable<Seen['cluster']> }>('api/cluster')
      const { seen } = this.#known
      if (seen) this.#tell({ ...seen, cluster: nodes })
    } catch {
      // Whoever does not answer this does not answer the rest, and that is shown.
    }
  }

  #happened(event: TimelineEvent): void {
    const { seen } = this.#known
    if (!seen) return
    this.#tell({ ...seen, events: withEvent(seen.events, fitToShow(event)) })
  }

  #tell(seen: Seen | undefined): void {
    const trouble = this.#failed ?? this.#lost
    this.#known = { ...(seen && { seen }), ...(trouble && { trouble }) }
    this.#onChange(this.#known)
  }
}
