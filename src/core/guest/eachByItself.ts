import type { Problem } from '../problem/problem.ts'
import type { Guest } from './guest.ts'

/** What came of guests that were looked at one by one. */
export interface ByItself<T> {
  readonly results: readonly T[]
  /** Guests with which something went wrong that must not happen: nothing is known of them now. */
  readonly failed: ReadonlySet<number>
  readonly problems: readonly Problem[]
}

/** Looks at each guest by itself: one at which the look throws is set aside and told of, and the others go on. */
export function eachByItself<T>(guests: readonly Guest[], look: (guest: Guest) => readonly T[]): ByItself<T> {
  const results: T[] = []
  const failed = new Set<number>()
  const problems: Problem[] = []
  for (const guest of guests) {
    try {
      for (const result of look(guest)) results.push(result)
    } catch (error) {
      failed.add(guest.vmid)
      problems.push(guestFailed(guest, error))
    }
  }
  return { results, failed, problems }
}

/** That a guest was set aside. */
export function guestFailed({ vmid, file }: Pick<Guest, 'vmid' | 'file'>, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'guest-failed',
    message: `Guest ${vmid} cannot be judged (${reason.slice(0, 200)}); what is served and announced for it stays as it is.`,
    remedy:
      'This is a mistake of guestnet’s: report it with the guest’s file. Undoing the last edit of the file helps.',
    vmid,
    file,
  }
}
