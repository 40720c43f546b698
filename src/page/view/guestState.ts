/**
 * Where a guest is as a whole, the worst first. `waiting`: nothing is wrong, the next move is the guest's; `left-alone`:
 * nothing is wanted of it.
 */
export const GUEST_STATES = ['broken', 'waiting', 'good', 'stopped', 'left-alone'] as const
export type GuestState = (typeof GUEST_STATES)[number]

export const STATE_NAME = {
  broken: 'broken',
  waiting: 'waiting',
  good: 'served',
  stopped: 'stopped',
  'left-alone': 'left alone',
} as const satisfies Record<GuestState, string>
