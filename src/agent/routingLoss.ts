import { PROTOCOL } from '../core/routing.ts'

/**
 * Whether a line of `ip -o -N monitor route neigh rule address` tells that something was taken away that may be
 * guestnet's: of its table, with its mark, or a permanent neighbour. What a bridge knows of its ports is told as neighbours
 * without an address: it goes with each port.
 */
export function isRoutingLoss(line: string, table: number): boolean {
  if (!line.startsWith('Deleted ') || line.startsWith('Deleted dev ')) return false
  return new RegExp(`\\b(?:table|lookup) ${table}\\b|\\bproto ${PROTOCOL}\\b|PERMANENT`).test(line)
}
