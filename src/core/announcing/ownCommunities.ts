import type { Community } from '../values/community.ts'

/**
 * The functions of guestnet's own large communities, AS:FUNCTION:VALUE (RFC 8092; RFC 8195 is the custom followed): which guest it
 * is, by its number, and since when it is announced from there, in Unix seconds.
 */
export const OWN_FUNCTION = { guest: 1, arrival: 2 } as const

/** Whether a community is one that only guestnet itself may say: routers would believe it. */
export function isOwnCommunity(community: Community, asNumbers: readonly number[]): boolean {
  const [as, fn, value] = community.split(':').map(Number)
  return value !== undefined && asNumbers.some(own => own === as) && OWN_FUNCTIONS.some(own => own === fn)
}

const OWN_FUNCTIONS: readonly number[] = Object.values(OWN_FUNCTION)
