import type { Vmid } from '../guest/names.ts'
import type { Prefix } from '../values/address.ts'
import type { Context } from './context.ts'

/** Seconds that a clock may be set back without every guest's arrival being told anew. */
const CLOCK_SLACK = 60

/**
 * Unix seconds when a guest's prefix was first announced from here. What is announced already has its time: another one
 * would be news to every router, whenever an agent starts. A time yet to come was told by a wrong clock, and would outdo
 * the nodes that the guest moves to.
 */
export function sinceOf(prefix: Prefix, vmid: Vmid, { announcedSince, now }: Context): number {
  const since = announcedSince.get(`${prefix} ${vmid}`) ?? now
  return since > now + CLOCK_SLACK ? now : since
}
