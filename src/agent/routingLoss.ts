import { BIRD_PROTOCOL } from '../core/announcing/birdSettings.ts'
import { PROTOCOL } from '../core/routing/routing.ts'

/**
 * Tells whether a line of `ip -o -N monitor route neigh rule address` says that something was taken away that matters: what is
 * in guestnet's table, what carries its mark, a permanent neighbour. What a bridge knows of its ports is told as neighbours
 * without an address: it goes with each port. BIRD's ways to guests BIRD itself looks after; they matter while the table is
 * somebody else's (`isTaken`), because with the last of them it is free.
 */
export function routingLossOf(
  table: number,
  mark: number = PROTOCOL,
): (line: string, isTaken: boolean) => boolean {
  const lost = new RegExp(
    `^Deleted (?!dev ).*(?:\\b(?:table|lookup) ${table}\\b|\\bproto ${mark}\\b|PERMANENT)`,
  )
  const ofBird = new RegExp(`\\bproto ${BIRD_PROTOCOL}\\b`)
  return (line, isTaken) => lost.test(line) && (isTaken || !ofBird.test(line))
}
