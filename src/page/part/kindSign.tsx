import type { TimelineEvent } from '../../agent/event.ts'
import { KIND_SHAPES } from '../view/kind.ts'

export function KindSign({ kind }: { kind: TimelineEvent['kind'] }) {
  const { d, tone } = KIND_SHAPES[kind]
  return (
    <svg class={`kind is-${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={d} />
    </svg>
  )
}
