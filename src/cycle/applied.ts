import type { Change } from '../core/change.ts'

/** A change that was tried; `failure` says why it did not come about. */
export interface Applied {
  readonly change: Change
  readonly failure?: string
}

export function result(change: Change, failure: string | undefined): Applied {
  return failure === undefined ? { change } : { change, failure }
}
