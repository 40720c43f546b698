import type { TimelineEvent } from '../../agent/timeline.ts'

type Kind = TimelineEvent['kind']

/** Each kind of event has a shape of its own, in a box of 16 by 16. */
const SHAPES = {
  change: { d: 'M3 8h8M8 4.5 11.5 8 8 11.5', tone: 'plain' },
  lease: { d: 'M3.5 8.5 6.5 11.5 12.5 4.5', tone: 'good' },
  peer: {
    d: 'M5 8h6M2.5 8a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M10.5 8a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0',
    tone: 'accent',
  },
  agent: { d: 'M4 4h8v8H4zM6.5 2v2M9.5 2v2M6.5 12v2M9.5 12v2', tone: 'accent' },
  failure: { d: 'M4 4l8 8M12 4l-8 8', tone: 'bad' },
  problem: { d: 'M8 3 14 13H2zM8 6.8v3', tone: 'bad' },
  solved: { d: 'M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0M5.6 8.2l1.8 1.8 3.2-3.8', tone: 'good' },
} as const satisfies Record<Kind, { d: string; tone: string }>

export function KindSign({ kind }: { kind: Kind }) {
  const { d, tone } = SHAPES[kind]
  return (
    <svg class={`kind is-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={d} />
    </svg>
  )
}
