import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import { type Address, parseAddress } from '../values/address.ts'
import { type Community, parseCommunity } from '../values/community.ts'
import { atMost, wholeNumber } from './checks.ts'
import { writtenAs } from './writtenAs.ts'

/** BLACKHOLE (RFC 7999). */
const BLACKHOLE = '65535:666' as Community

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/

/** Unix seconds of a time with a zone (RFC 3339), such as `2026-12-24T18:00:00Z`; seconds may be left out. */
function parseTime(text: string): number | undefined {
  if (!TIME.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time / 1000
}

const MOST = { addresses: 100, communities: 64 }

/** A guest whose traffic routers are asked to drop until a time, as while it is attacked: remotely triggered black hole (RFC 5635). */
export const Blackhole = z.strictObject({
  vmid: wholeNumber(100, 999_999_999, 'the number of a guest'),
  /** Unix seconds. It always ends: a black hole that is forgotten is an outage. */
  until: writtenAs(
    parsedBy(parseTime, 'a time with its zone, such as 2026-12-24T18:00:00Z or 2026-12-24T19:00+01:00'),
    z.string().regex(TIME),
  ),
  /** Those of the guest's that it is for; absent: all. */
  addresses: z.exactOptional(
    atMost(
      MOST.addresses,
      z
        .array(parsedBy(parseAddress, 'an address, without a mask'), { error: must('a list of addresses') })
        .min(1, { error: 'must name at least one address' }),
    ),
  ),
  /** What the peers act on. */
  communities: atMost(
    MOST.communities,
    z
      .array(parsedBy(parseCommunity, 'a community such as 65535:666, or a large one such as 65000:666:0'), {
        error: must('a list of communities'),
      })
      .min(1, { error: 'must name at least one community' }),
  ).default([BLACKHOLE]),
})
export type Blackhole = z.output<typeof Blackhole>

/** Those in force at a time, in Unix seconds. */
export function inForceAt(now: number, blackholes: readonly Blackhole[]): Blackhole[] {
  return blackholes.filter(({ until }) => now < until)
}

/** That of a guest's address, the longest where there are several. */
export function blackholeOf(
  { vmid, address }: { readonly vmid: number; readonly address: Address },
  blackholes: readonly Blackhole[],
): Blackhole | undefined {
  const own = blackholes.filter(
    hole => hole.vmid === vmid && (hole.addresses === undefined || hole.addresses.includes(address)),
  )
  return own.toSorted((a, b) => b.until - a.until)[0]
}
