import { createHash } from 'node:crypto'
import { PROTOCOL } from './routing.ts'

/** The name of an instance that was given none. */
const USUAL_NAME = 'guestnet'

/** Numbers that neither rtnetlink(7), /etc/iproute2/rt_protos nor any routing daemon gives a meaning. */
const OTHERS = { first: 104, count: 80 }

/**
 * What marks an instance's routes, neighbours and rules as its own, by its name: 103, or for another name than the usual one a
 * number from 104 to 183. Two instances on one node tell by it what is whose.
 */
export function markOf(instance: string): number {
  if (instance === USUAL_NAME) return PROTOCOL
  const digest = createHash('sha256').update(instance).digest()
  return OTHERS.first + (digest.readUInt32BE(0) % OTHERS.count)
}

/** Whether a protocol is the mark of an instance, whichever. */
export function isMark(protocol: number): boolean {
  return protocol === PROTOCOL || (protocol >= OTHERS.first && protocol < OTHERS.first + OTHERS.count)
}
