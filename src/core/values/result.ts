/**
 * How everything answers that may fail as expected: with what was asked for, or with the reason in words. What nobody
 * expects is thrown. `Value` and `More` are what an answer has besides.
 */
export type Result<Value extends object = object, More extends object = object> =
  | ({ readonly ok: true } & Readonly<Value>)
  | (Failed & Readonly<More>)

export interface Failed {
  readonly ok: false
  readonly reason: string
}

/** It was done, and there is nothing to say of it. */
export const DONE = { ok: true } as const

export function failed(reason: string): Failed {
  return { ok: false, reason }
}

/** One for several: done if all are, else failed for the reasons of those that are not. */
export function together(results: readonly Result[]): Result {
  const reasons = results.flatMap(result => (result.ok ? [] : [result.reason]))
  return reasons.length === 0 ? DONE : failed([...new Set(reasons)].join('; '))
}
