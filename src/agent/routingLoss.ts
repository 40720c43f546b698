import { BIRD_PROTOCOL } from '../core/announcing/birdSettings.ts'
import { PROTOCOL } from '../core/routing/routing.ts'

/**
 * Tells whether a line of `ip -o -N monitor route neigh rule address` says that something was taken away that may be
 * guestnet's: of its table, with its mark, or a permanent neighbour. What a bridge knows of its ports is told as neighbours
 * without an address: it goes with each port. So do BIRD's ways to guests, which BIRD itself looks after.
 */
export function routingLossOf(table: number, mark: number = PROTOCOL): (line: string) => boolean {
  const lost = new RegExp(
    `^Deleted (?!dev )(?!.*\\bproto ${BIRD_PROTOCOL}\\b).*(?:\\b(?:table|lookup) ${table}\\b|\\bproto ${mark}\\b|PERMANENT)`,
  )
  return line => lost.test(line)
}
