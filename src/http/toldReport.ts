import { createHash } from 'node:crypto'
import type { GuestWays } from '../core/report/guestWays.ts'
import type { Report } from '../core/report/report.ts'
import { StatusSchema } from '../core/report/schema.ts'
import { Body } from './body.ts'
import { knownJson } from './known.ts'
import { inTurns } from './turns.ts'

/** A report as it is told over HTTP, and the ways of its guests: both as JSON. */
export interface ToldReport {
  readonly report: Body
  readonly guests: Body
  /** Changes whenever anything in it does but its time. */
  readonly revision: string
}

/** Of a thousand guests that is 3 MB of text, and each guest is explained anew: nobody waits for the whole of it. */
export async function tell(report: Report, ways: Iterable<GuestWays>): Promise<ToldReport> {
  const hash = createHash('sha256')
  function* hashed(texts: Iterable<string>): Generator<string> {
    for (const text of texts) {
      hash.update(text)
      yield text
    }
  }
  const { time, ...rest } = report
  // What the schema does not have, such as what only a driver needs, is not told.
  const lasting = knownJson(StatusSchema, { agent: true, agentState: 'running', ...rest })
  const [brace = '', ...fields] = await inTurns(hashed(lasting))
  const guests = await inTurns(hashed(listed(ways)))
  return {
    report: new Body([brace, `"time":${time},`, ...fields].join('')),
    guests: new Body(guests.join('')),
    revision: hash.digest('base64url').slice(0, 16),
  }
}

function* listed(ways: Iterable<GuestWays>): Generator<string> {
  let before = '['
  for (const way of ways) {
    yield before + JSON.stringify(way)
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}
