import type { NodeView } from '../../core/report/clusterView.ts'
import { shared } from '../shared.ts'

/** Milliseconds between two times that the other nodes are asked while somebody listens. */
const EVERY = 5000
/** Milliseconds that an answer is good for others who ask. */
const FRESH = 3000

/** How the nodes of the cluster are, for any number of people at the cost of one; the others are asked again only while somebody listens. */
export class ClusterNews {
  readonly #ask: () => Promise<readonly NodeView[]>
  readonly #node: string
  readonly #listeners = new Set<() => void>()
  #told: string | undefined
  #timer: NodeJS.Timeout | undefined

  /** `node`: this one, of whose changes whoever listens is told otherwise. */
  constructor(ask: () => Promise<readonly NodeView[]>, node: string) {
    this.#ask = shared(ask, FRESH)
    this.#node = node
  }

  async current(): Promise<readonly NodeView[]> {
    const views = await this.#ask()
    this.#told ??= this.#markOf(views)
    return views
  }

  /** Calls back whenever another node is another way than before; the returned function ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => void this.#look(), EVERY)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.stop()
    }
  }

  stop(): void {
    this.#listeners.clear()
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    const mark = await this.#ask().then(
      views => this.#markOf(views),
      () => undefined,
    )
    if (mark === undefined || mark === this.#told) return
    this.#told = mark
    for (const listener of this.#listeners) listener()
  }

  /** What differs when another node is another way: when it was looked at does not count. */
  #markOf(views: readonly NodeView[]): string {
    const others = views.filter(({ node }) => node !== this.#node)
    return JSON.stringify(others, (key, value) => (key === 'time' ? undefined : value))
  }
}
