import type { FileText } from './files.ts'

/** Milliseconds that a file which lost its last lines has to stay as it is. */
export const STEADY_MS = 150

/**
 * The same for a file that ends in the middle of a line, or is empty, as for a moment each one that is written in place:
 * until a shell or `cp` had written a small one it took 20 ms at the median and 260 ms at most on a node short of CPU.
 */
const UNFINISHED_MS = 2000

/**
 * Tells files that are half written from those whose end was cut off. One written in place is, for a moment, only the
 * beginning of what it was. One that another file was renamed onto, as Proxmox does it, is whole: it has another inode
 * number. pmxcfs numbers the files of other nodes by their path alone, and in rare cases anew without need, so that the
 * number alone proves nothing: a file must also end with a line, and else stay as it is for a while.
 */
export class HalfWritten {
  readonly #now: () => number
  /** What was read of files that lost their end, and since when. */
  readonly #cut = new Map<string, { text: string; since: number }>()

  /** `now`: a clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether a file seems to be half written. To be asked at each look. `before`: what it was when it was whole. */
  is(path: string, file: FileText, before: FileText): boolean {
    const isHalf = isBeginning(file.text, before.text) && !this.#isWhole(path, file, before)
    if (!isHalf) this.#cut.delete(path)
    return isHalf
  }

  #isWhole(path: string, { text, inode }: FileText, before: FileText): boolean {
    const endsWithLine = text.endsWith('\n')
    if (endsWithLine && inode !== before.inode) return true
    const cut = this.#cut.get(path)
    if (cut?.text !== text) {
      this.#cut.set(path, { text, since: this.#now() })
      return false
    }
    return this.#now() - cut.since >= (endsWithLine ? STEADY_MS : UNFINISHED_MS)
  }
}

function isBeginning(text: string, before: string): boolean {
  return text.length < before.length && before.startsWith(text)
}
