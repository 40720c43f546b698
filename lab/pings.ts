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

const EVERY_MS = 100

/** ping(8), ten times a second. */
export class Pings {
  readonly #process: LabProcess

  private constructor(process: LabProcess) {
    this.#process = process
  }

  static start(where: Namespace, { from, to }: { from: string; to: string }): Pings {
    const options = ['-D', '-n', '-W', '2', '-i', String(EVERY_MS / 1000)]
    return new Pings(where.spawn(`ping-${to.replaceAll(/\W/g, '-')}`, 'ping', [...options, '-I', from, to]))
  }

  /** Ends it; what was sent, in order. */
  async stop(): Promise<Ping[]> {
    // On any other signal it ends without a word, and what it has not written yet is lost.
    this.#process.signal('SIGINT')
    await this.#process.exited
    return readPings(readFileSync(this.#process.logFile, 'utf8'), monotonicMs() - Date.now())
  }
}

/** `clock`: what has to be added to milliseconds since 1970. A log that went on holds the latest run last. */
function readPings(log: string, clock: number): Ping[] {
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
    pings.push({ sentAt: answeredAt ?? before + EVERY_MS, answered: answeredAt !== undefined })
  }
  return pings
}
