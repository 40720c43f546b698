import { readFileSync } from 'node:fs'
import type { Namespace } from './namespace.ts'
import type { LabProcess } from './process.ts'
import { monotonicMs } from './wire.ts'

/** A ping that was sent, and whether it was answered. */
export interface Ping {
  /** On the clock of `monotonicMs`; of one without an answer reckoned from those around it. */
  readonly sentAt: number
  readonly answered: boolean
}

/** What ping(8) is asked. */
export interface PingsOptions {
  readonly from: string
  readonly to: string
  /** Milliseconds; ten times a second if not said. */
  readonly everyMs?: number
}

/** ping(8), many times a second. */
export class Pings {
  readonly #process: LabProcess
  readonly #everyMs: number

  private constructor(process: LabProcess, everyMs: number) {
    this.#process = process
    this.#everyMs = everyMs
  }

  static start(where: Namespace, { from, to, everyMs = 100 }: PingsOptions): Pings {
    const options = ['-D', '-n', '-W', '2', '-i', String(everyMs / 1000)]
    const name = `ping-${to.replaceAll(/\W/g, '-')}`
    return new Pings(where.spawn(name, 'ping', [...options, '-I', from, to]), everyMs)
  }

  /** Ends it; what was sent, in order. */
  async stop(): Promise<Ping[]> {
    // On any other signal it ends without a word, and what it has not written yet is lost.
    this.#process.signal('SIGINT')
    await this.#process.exited
    return readPings(readFileSync(this.#process.logFile, 'utf8'), monotonicMs() - Date.now(), this.#everyMs)
  }
}

/** `clock`: what has to be added to milliseconds since 1970. A log that went on holds the latest run last. */
function readPings(log: string, clock: number, everyMs: number): Ping[] {
  const text = log.slice(log.lastIndexOf('PING '))
  const sent = Number(/(\d+) packets transmitted/.exec(text)?.[1] ?? 0)
  const answers = new Map(
    [...text.matchAll(/^\[([\d.]+)\].*icmp_seq=(\d+) .*time=([\d.]+) ms/gm)].map(([, at, number, ms]) => [
      Number(number),
      Number(at) * 1000 + clock - Number(ms),
    ]),
  )
  const pings: Ping[] = []
  for (let number = 1; number <= sent; number++) {
    const answeredAt = answers.get(number)
    const before = pings.at(-1)?.sentAt ?? Number.NEGATIVE_INFINITY
    pings.push({ sentAt: answeredAt ?? before + everyMs, answered: answeredAt !== undefined })
  }
  return pings
}
