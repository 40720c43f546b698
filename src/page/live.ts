import type { TimelineEvent } from '../agent/event.ts'
import { fitToShow, type Seen } from './view/seen.ts'
import { withEvent } from './view/timeline.ts'

/** What is known of the agent: what it told last, and whether it still tells. */
export interface Known {
  readonly seen?: Seen
  /** Absent: whatever changes is shown at once. */
  readonly trouble?: { readonly why: string; readonly since: number }
}

/** Milliseconds after which a stream that was refused is asked for again. */
const AGAIN = 5000

/**
 * Follows the agent: it opens the stream first and asks when that is open, and again whenever it is opened again, so that
 * nothing is missed in between (docs/page.md). While nothing changes it asks nothing.
 */
export class Live {
  #known: Known = {}
  readonly #onChange: (known: Known) => void
  /** Of the answers under way the last one asked for counts. */
  #asked = 0

  constructor(onChange: (known: Known) => void) {
    this.#onChange = onChange
  }

  start(): void {
    const stream = new EventSource('api/events')
    stream.addEventListener('open', () => void this.#ask('all'))
    stream.addEventListener('report', () => void this.#ask('report'))
    stream.addEventListener('event', ({ data }: MessageEvent<string>) => this.#happened(JSON.parse(data)))
    stream.addEventListener('error', () => {
      this.#tell({ ...this.#known, trouble: this.#trouble('The agent does not answer.') })
      // One that was refused stays closed; what is lost is opened again by the browser.
      if (stream.readyState !== EventSource.CLOSED) return
      void this.#ask('all')
      setTimeout(() => this.start(), AGAIN)
    })
  }

  async #ask(what: 'all' | 'report'): Promise<void> {
    const number = ++this.#asked
    try {
      const [status, guests, events] = await Promise.all([
        get<Seen['status']>('api/report'),
        get<Seen['guests']>('api/guests'),
        what === 'all' || !this.#known.seen ? get<Seen['events']>('api/timeline') : undefined,
      ])
      if (number !== this.#asked) return
      this.#tell({ seen: { status, guests, events: events ?? this.#known.seen?.events ?? [] } })
    } catch (error) {
      if (number !== this.#asked) return
      this.#tell({
        ...this.#known,
        trouble: this.#trouble(error instanceof Error ? error.message : String(error)),
      })
    }
  }

  #happened(event: TimelineEvent): void {
    const { seen } = this.#known
    if (!seen) return
    this.#tell({ ...this.#known, seen: { ...seen, events: withEvent(seen.events, fitToShow(event)) } })
  }

  #trouble(why: string): NonNullable<Known['trouble']> {
    return { why, since: this.#known.trouble?.since ?? Date.now() }
  }

  #tell(known: Known): void {
    this.#known = known
    this.#onChange(known)
  }
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path)
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(errorIn(body) ?? `${path}: ${response.status}`)
  return fitToShow(body as T)
}

function errorIn(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { readonly error?: unknown }
  return typeof error === 'string' ? error : undefined
}
