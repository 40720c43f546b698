import { hearIpEvents } from './ipEvents.ts'
import type { Namespace } from './namespace.ts'
import { PATIENCE } from './patience.ts'
import { monotonicMs } from './wire.ts'

interface Awaited {
  readonly isSo: () => boolean
  readonly resolve: (at: number) => void
}

/** Where a kernel sends what, and when that changed: milliseconds of the monotonic clock. */
export class RouteWatch {
  readonly #nextHops = new Map<string, string>()
  readonly #awaited = new Set<Awaited>()
  readonly #where: Namespace

  private constructor(where: Namespace) {
    this.#where = where
  }

  /** Watches the host and network routes of a namespace, from now on. */
  static async start(where: Namespace): Promise<RouteWatch> {
    const watch = new RouteWatch(where)
    await hearIpEvents(where, 'route', (line, at) => watch.#heard(line, at))
    return watch
  }

  /** The next hop of each of these destinations, written as `ip route` does: a host without its length. */
  nextHops(destinations: readonly string[]): (string | undefined)[] {
    return destinations.map(destination => this.#nextHops.get(destination))
  }

  /** When all of these lead to a next hop, or, `undefined`, nowhere. Throws if they do not in time. */
  leadTo(
    destinations: readonly string[],
    nextHop: string | undefined,
    { timeoutMs = 30_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<number> {
    // Looked at with each event: a thousand destinations must not cost a thousand looks each time.
    const open = new Set(destinations)
    const isSo = () => {
      for (const destination of open) {
        if (this.#nextHops.get(destination) !== nextHop) return false
        open.delete(destination)
      }
      return this.nextHops(destinations).every(hop => hop === nextHop)
    }
    if (isSo()) return Promise.resolve(monotonicMs())
    return new Promise((resolve, reject) => {
      const awaited: Awaited = {
        isSo,
        resolve: at => {
          clearTimeout(patience)
          resolve(at)
        },
      }
      const patience = setTimeout(() => {
        this.#awaited.delete(awaited)
        reject(new Error(`not within ${timeoutMs} ms: ${[...open].slice(0, 3)} to ${nextHop ?? 'nobody'}`))
      }, timeoutMs * PATIENCE)
      this.#awaited.add(awaited)
    })
  }

  /** Starts over with what there is. Thousands of routes at once may be more than the kernel keeps for who listens: some are not told. */
  async look(): Promise<void> {
    const lists = await Promise.all(
      ['-4', '-6'].map(family => this.#where.run('ip', ['-o', family, 'route', 'show', 'proto', 'bird'])),
    )
    this.#nextHops.clear()
    for (const line of lists.join('\n').split('\n')) this.#heard(line, monotonicMs())
  }

  #heard(line: string, at: number): void {
    const [, deleted, destination = '', nextHop = ''] =
      /^(Deleted )?([0-9a-f.:/]+) via (?:inet6 )?(\S+)/.exec(line) ?? []
    if (destination === '') return
    if (deleted === undefined) this.#nextHops.set(destination, nextHop)
    // A route that takes another's place may be there before that is told to have gone.
    else if (this.#nextHops.get(destination) === nextHop) this.#nextHops.delete(destination)
    for (const awaited of [...this.#awaited]) {
      if (!awaited.isSo()) continue
      this.#awaited.delete(awaited)
      awaited.resolve(at)
    }
  }
}
