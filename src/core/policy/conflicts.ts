import * as z from 'zod'
import { parsedBy } from '../text/schema.ts'
import { DURATION_FORMS, parseDuration } from './duration.ts'
import { writtenAs } from './writtenAs.ts'

/** Seconds. */
const GRACE = { longest: 86_400, usual: 300 }

function parseGrace(text: string): number | undefined {
  const seconds = parseDuration(text)
  return seconds !== undefined && seconds <= GRACE.longest ? seconds : undefined
}

/** What holds where several guests want the same: `conflicts` in the policy. */
export const ConflictPolicy = z.strictObject({
  /** Seconds that a guest keeps what it held after it was last seen running, as through a reboot. */
  grace: writtenAs(
    z.preprocess(
      input => (typeof input === 'number' ? String(input) : input),
      parsedBy(parseGrace, 'a time of at most 1d, such as 90s, 5m or 0'),
    ),
    ...DURATION_FORMS,
  ).default(GRACE.usual),
})
