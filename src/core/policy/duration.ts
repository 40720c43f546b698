import * as z from 'zod'

const SECONDS = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

const DURATION = /^([0-9]{1,9})([smhd]?)$/

/** How a time may be written, as text and as a number of seconds. */
export const DURATION_FORMS = [z.string().regex(DURATION), z.int().nonnegative()] as const

/** Reads `90s`, `30m`, `1h`, `2d` or plain seconds, `3600`; in seconds. `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = DURATION.exec(text) ?? []
  const seconds = SECONDS.get(unit ?? '')
  return digits === undefined || seconds === undefined ? undefined : Number(digits) * seconds
}
