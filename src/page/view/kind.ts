import type { TimelineEvent } from '../../agent/event.ts'

/** Each kind of event has a shape of its own, in a box of 16 by 16. */
export const KIND_SHAPES = {
  change: { d: 'M3 8h8M8 4.5 11.5 8 8 11.5', tone: 'plain' },
  announcement: { d: 'M3 6.5v3l6 3v-9l-6 3M11.5 6a3 3 0 0 1 0 4', tone: 'accent' },
  daemon: { d: 'M4 4h8v8H4zM6.5 2v2M9.5 2v2M6.5 12v2M9.5 12v2', tone: 'plain' },
  migration: { d: 'M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13', tone: 'accent' },
  policy: { d: 'M4.5 2.5h7v11h-7zM6.5 5.5h3M6.5 8h3M6.5 10.5h2', tone: 'accent' },
  configuration: { d: 'M4 12.5l.5-2.5 6-6 2 2-6 6zM9 5.5l2 2', tone: 'accent' },
  lease: { d: 'M3.5 8.5 6.5 11.5 12.5 4.5', tone: 'good' },
  peer: {
    d: 'M5 8h6M2.5 8a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M10.5 8a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0',
    tone: 'accent',
  },
  guard: { d: 'M8 2.5 12.5 4v4.5c0 2.5-2 4-4.5 5-2.5-1-4.5-2.5-4.5-5V4z', tone: 'bad' },
  agent: { d: 'M8 2.5v5M4.7 4.5a5 5 0 1 0 6.6 0', tone: 'accent' },
  failure: { d: 'M4 4l8 8M12 4l-8 8', tone: 'bad' },
  problem: { d: 'M8 3 14 13H2zM8 6.8v3', tone: 'bad' },
  solved: { d: 'M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M5.6 8.2l1.8 1.8 3.2-3.8', tone: 'good' },
} as const satisfies Record<TimelineEvent['kind'], { d: string; tone: string }>
