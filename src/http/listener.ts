import type { FastifyInstance } from 'fastify'
import type { Problem } from '../core/problem/problem.ts'
import { describePlace, type Place } from '../core/values/place.ts'
import { errorText } from '../os/errorText.ts'

export interface ListenerOptions {
  readonly place: Place
  readonly makeServer: () => FastifyInstance
  /** Told why nobody can be answered, and `undefined` as soon as that is over. */
  readonly onTrouble: (problem: Problem | undefined) => void
}

/** Milliseconds until a place that is taken is tried again. */
const RETRY = 5000

/** Listens at one place for as long as the agent runs. A place that is taken is tried again and again, and told. */
export class Listener {
  readonly #options: ListenerOptions
  #server: FastifyInstance | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Resolves when it listens, or has found out that it cannot for now. */
  async start(): Promise<void> {
    const { place, makeServer, onTrouble } = this.#options
    let server: FastifyInstance | undefined
    try {
      server = makeServer()
      await server.listen({ host: place.address, port: place.port })
      this.#server = server
      onTrouble(undefined)
      if (this.#isStopped) await server.close()
    } catch (error) {
      await server?.close()
      onTrouble(unreachable(place, error))
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.start(), RETRY)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#options.onTrouble(undefined)
    await this.#server?.close()
  }
}

function unreachable(place: Place, error: unknown): Problem {
  const where = describePlace(place)
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
  const why = isTaken ? 'another program listens there' : errorText(error)
  return {
    code: 'http-unavailable',
    message: `The page and the metrics of this node cannot be had at ${where}: ${why}. Guests are served all the same.`,
    remedy: `It is tried again every few seconds. See who listens there (ss -ltnp), or give guestnet another place: --http ADDRESS:PORT or --http off, and http.listen in the policy.`,
  }
}
