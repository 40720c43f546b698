import { DONE, failed, type Result } from '../core/values/result.ts'

/** One line of BIRD's answer. A line without a code of its own has that of the line before. */
export interface ReplyLine {
  readonly code: number
  readonly text: string
}

/** BIRD's answer to one command; the last line's code tells how it went: below 8000, well. */
export type Reply = readonly ReplyLine[]

/**
 * Takes BIRD's side of a conversation apart (BIRD's doc/reply_codes): `1234-text` is a line with more to come,
 * `1234 text` ends an answer, a blank first character continues the code before, `+` is not part of any answer.
 */
export class ReplyParser {
  #rest = ''
  #lines: ReplyLine[] = []

  /** Takes what has arrived; returns the answers that are whole now. */
  push(text: string): Reply[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.flatMap(line => this.#take(line) ?? [])
  }

  #take(line: string): [Reply] | undefined {
    if (line.startsWith('+')) return undefined
    const [, digits, separator, text = ''] = /^([0-9]{4})([- ])(.*)$/.exec(line) ?? []
    const code = digits === undefined ? (this.#lines.at(-1)?.code ?? 0) : Number(digits)
    this.#lines.push({ code, text: digits === undefined ? line.slice(1) : text })
    if (separator !== ' ') return undefined
    const reply = this.#lines
    this.#lines = []
    return [reply]
  }
}

/** Whether BIRD did what it was asked. */
export function resultOf(reply: Reply): Result {
  const last = reply.at(-1)
  return last === undefined || last.code >= 8000 ? failed(last?.text ?? 'no answer') : DONE
}
