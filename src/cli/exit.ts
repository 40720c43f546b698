import { shownJson, shownLines } from '../core/text/escape.ts'

/** Exit statuses, the same for all verbs. */
export const EXIT = {
  /** Done; for `plan`: nothing to do. */
  ok: 0,
  /** It could not be done; the reason is on standard error. */
  error: 1,
  /** Only `plan`: there is something to do. */
  changes: 2,
} as const

/** Text from configurations and from the network is in much of what is printed: none of it acts on the terminal. */
export function print(text: string): void {
  process.stdout.write(`${shownLines(text)}\n`)
}

/** Text with colours, whose parts that come from elsewhere are escaped already. */
export function printPainted(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  process.stdout.write(`${shownJson(value)}\n`)
}

export function complain(text: string): void {
  process.stderr.write(`guestnet: ${shownLines(text)}\n`)
}
