import { Dialogue } from '../os/dialogue.ts'
import { type Outcome, run } from '../os/program.ts'

/** What carries out a transaction of nft(8); `onStart` is told the process id by which `nft monitor` names it. */
export type Transact = (lines: readonly string[], onStart?: (pid: number) => void) => Promise<Outcome>

/** By a process of its own. */
export const transactOnce: Transact = (lines, onStart) =>
  run('nft', ['-f', '-'], { input: `${lines.join('\n')}\n`, ...(onStart && { onStart }) })

/** Characters of a transaction that are told to an nft that is kept running: it reads them one by one. */
const LONGEST = 8192

/** It keeps every line in its history. */
const LINES_AT_MOST = 400

/**
 * Answered by one line of JSON, once all that was said before has been carried out. Of flow tables there are none: most other lists, that
 * of the tables as well, have nft read the whole ruleset first (`evaluate_cache_list` of its src/cache.c), 13 ms of CPU with 300 ports.
 */
const SIGN = 'list flowtables netdev'

/**
 * By an `nft -i` that is kept running. Its start is the smaller part of what that saves: an nft that has changed something waits, as it
 * ends, until the kernel has freed what it replaced (an RCU grace period, about 10 ms). A line is a transaction; its interfaces
 * and its cache of the ruleset are looked at anew each time. Whatever it cannot do is done by a process of its own.
 */
export class NftProcess {
  readonly #dialogue = new Dialogue({
    program: 'nft',
    args: ['-j', '-i'],
    // Its history of lines would be a file there.
    environment: { HOME: '/nonexistent' },
    linesAtMost: LINES_AT_MOST,
  })

  transact: Transact = async (lines, onStart) => {
    const text = lines.join('; ')
    if (text.length > LONGEST || !isPlain(text)) return await transactOnce(lines, onStart)
    const answer = await this.#dialogue.say([text, SIGN], line => line.startsWith('{"nftables"'), onStart)
    if (!answer.ok) return await transactOnce(lines, onStart)
    const complaint = answer.lines.find(line => /\bError: /.test(line))
    if (complaint === undefined) return { ok: true, stdout: '', stderr: '', pid: 0 }
    return { ok: false, missing: false, stderr: complaint, reason: `nft: ${complaint.slice(0, 300)}` }
  }
}

/** Whether a text means the same where it is typed: a tab would be completed. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}
