import type { Links } from '../core/node/link.ts'
import { Dialogue } from '../os/dialogue.ts'
import { type LineFailures, type RunBatch, runBatch } from './ipBatch.ts'

/** Printed in one line, once all that was said before has been carried out; every network namespace has that link, as its first. */
const SIGN = 'link show dev lo'

/** More at once are carried out by a process of their own: its start is little of it then. */
const MOST_AT_ONCE = 100

/** Lines after which another process takes over. */
const LINES_AT_MOST = 2000

const NONE: LineFailures = new Map()

/**
 * Lines of `ip -batch`, ip(8), carried out by one that is kept running, which saves a process each time. Whatever it complains about is
 * said once more to a process of its own, which tells by line what failed.
 *
 * Trap: it remembers which link has which number (`ll_name_to_index` of lib/ll_map.c). A link that was made anew, or has another's
 * name, would be taken for the former one. So it is ended as soon as a link that it was told of has another number.
 */
export class IpProcess {
  readonly #dialogue: Dialogue
  readonly #once: RunBatch
  /** By name: the number of each link it was told of. */
  readonly #told = new Map<string, number | undefined>()

  /** `options`: of `ip`, such as another namespace; `once`: what carries out lines by a process of its own. */
  constructor(options: readonly string[] = [], once: RunBatch = runBatch) {
    this.#dialogue = new Dialogue({
      program: 'ip',
      args: [...options, '-o', '-force', '-batch', '-'],
      linesAtMost: LINES_AT_MOST,
    })
    this.#once = once
  }

  /** As `runBatch`. `links`: as they are by now. */
  runBy(links: Links): RunBatch {
    return async (batch, lines) => {
      if (batch !== 'any' || lines.length > MOST_AT_ONCE) return await this.#once(batch, lines)
      this.#mention(lines, links)
      const answer = await this.#dialogue.say([...lines, SIGN], line => line.startsWith('1: lo: '))
      return answer.ok && answer.lines.length === 0 ? NONE : await this.#once(batch, lines)
    }
  }

  #mention(lines: readonly string[], links: Links): void {
    const names = lines.flatMap(line => / dev (\S+)/.exec(line)?.[1] ?? [])
    const isAnother = (name: string) =>
      this.#told.has(name) && this.#told.get(name) !== links.get(name)?.ifindex
    if (names.some(isAnother)) {
      this.#dialogue.end()
      this.#told.clear()
    }
    for (const name of names) this.#told.set(name, links.get(name)?.ifindex)
  }
}
