import type { GuardTable } from '../core/guard/observation.ts'
import type { GuardReport } from '../core/report/guarding.ts'
import { type DropNews, DropNewsFinder } from './dropNews.ts'

/** Milliseconds between looks at what was dropped. The kernel tells nobody. */
const LOOK_MS = 5000

export interface GuardWatchOptions {
  readonly look: () => Promise<GuardTable['drops']>
  readonly tell: (news: DropNews) => void
}

/** Looks at what was dropped, while anything is guarded. */
export class GuardWatch {
  readonly #options: GuardWatchOptions
  #timer: NodeJS.Timeout | undefined
  #guard: GuardReport | undefined
  #finder = new DropNewsFinder()

  constructor(options: GuardWatchOptions) {
    this.#options = options
  }

  /** What is guarded now; `undefined`: nothing. */
  keep(guard: GuardReport | undefined): void {
    this.#guard = guard
    if (guard === undefined) {
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#finder = new DropNewsFinder()
    } else if (this.#timer === undefined) {
      void this.#look()
      this.#timer = setInterval(() => void this.#look(), LOOK_MS)
    }
  }

  async #look(): Promise<void> {
    try {
      const drops = await this.#options.look()
      if (!this.#guard) return
      for (const news of this.#finder.note(drops, this.#guard, performance.now())) this.#options.tell(news)
    } catch {
      // An nft that does not work is told by whatever else needs it; the next look may work.
    }
  }
}
