import * as z from 'zod'
import { parsedBy } from '../text/schema.ts'
import { wholeNumber } from './checks.ts'
import { writtenAs } from './writtenAs.ts'

const SHARE = /^([0-9]{1,3})%$/

/** `50%`; in percent. */
function parseShare(text: string): number | undefined {
  const [, digits] = SHARE.exec(text) ?? []
  const share = Number(digits)
  return digits !== undefined && share <= 100 ? share : undefined
}

/**
 * Which changes of the policy wait until they are accepted: `changes` in the policy in force. Those that take what they have
 * from more than `share` and more than `count`.
 */
export const ChangesPolicy = z.strictObject({
  /** Percent of the guests that are served, or of the prefixes that are announced. */
  share: writtenAs(
    parsedBy(parseShare, 'a share from 0% to 100%, such as 50%'),
    z.string().regex(SHARE),
  ).default(50),
  /** Guests or prefixes. */
  count: wholeNumber(0, 1_000_000, 'a number from 0 to 1000000').default(10),
})
export type ChangesPolicy = z.output<typeof ChangesPolicy>
