import type { ServerResponse } from 'node:http'
import type { TimelineEvent } from '../agent/event.ts'

/** Streams at once: each browser tab holds one. */
const MOST_STREAMS = 24
/** Bytes that wait for somebody who listens but does not read. */
const MOST_UNREAD = 256 * 1024
/** Milliseconds between signs of life, by which both ends notice that the other is gone. */
const SIGN_OF_LIFE = 15_000

/** What is streamed; each function that is returned ends it. */
export interface News {
  readonly onReport: (listener: (revision: string) => void) => () => void
  readonly onEvent: (listener: (event: TimelineEvent) => void) => () => void
  readonly onCluster: (listener: () => void) => () => void
}

/** Server-sent events (HTML standard, section 9.2): `report` when the report changed, `event` for what happened, `cluster` when another node of the cluster is another way. */
export class EventStreams {
  readonly #news: News
  readonly #longest: number | undefined
  readonly #open = new Set<ServerResponse>()

  /** `longest`: milliseconds that one stream lasts. */
  constructor(news: News, longest?: number) {
    this.#news = news
    this.#longest = longest
  }

  get isFull(): boolean {
    return this.#open.size >= MOST_STREAMS
  }

  /** Answers with a stream that lasts until either end closes it. */
  open(response: ServerResponse): void {
    this.#open.add(response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('retry: 2000\n\n')
    const send = (text: string) => {
      if (response.writableLength > MOST_UNREAD) response.destroy()
      else response.write(text)
    }
    const stops = [
      this.#news.onReport(revision => send(message('report', { revision }))),
      this.#news.onEvent(event => send(message('event', event))),
      this.#news.onCluster(() => send(message('cluster', {}))),
    ]
    const signs = setInterval(() => {
      // The last one was never taken: nobody is there any more.
      if (response.writableLength > 0) response.destroy()
      else send(':\n\n')
    }, SIGN_OF_LIFE)
    const end = this.#longest === undefined ? undefined : setTimeout(() => response.end(), this.#longest)
    response.on('close', () => {
      clearInterval(signs)
      clearTimeout(end)
      for (const stop of stops) stop()
      this.#open.delete(response)
    })
  }

  closeAll(): void {
    for (const response of this.#open) response.destroy()
  }
}

function message(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
