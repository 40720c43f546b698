/** Exit statuses, the same for all verbs. */
export const EXIT = {
  /** Done; for `plan`: nothing to do. */
  ok: 0,
  /** It could not be done; the reason is on standard error. */
  error: 1,
  /** Only `plan`: there is something to do. */
  changes: 2,
} as const

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

export function complain(text: string): void {
  process.stderr.write(`guestnet: ${text}\n`)
}
