import type { LinkMark } from '../view/chain.ts'
import { type GuestState, STATE_NAME } from '../view/guestState.ts'
import { signPath } from '../view/sign.ts'
import type { Gravity } from '../view/verdict.ts'

type Sign = GuestState | Gravity | LinkMark

/** A state by its shape and its colour. Without `label` it stands beside words that say the same. */
export function Sign({ state, label, size = 12 }: { state: Sign; label?: string; size?: number }) {
  const shape = <path fill-rule="evenodd" d={shapeOf(state)} />
  const drawn = { class: `sign is-${state}`, width: size, height: size, viewBox: '0 0 16 16' }
  if (label === undefined)
    return (
      <svg {...drawn} aria-hidden="true">
        {shape}
      </svg>
    )
  return (
    <svg {...drawn} role="img" aria-label={label}>
      <title>{label}</title>
      {shape}
    </svg>
  )
}

function shapeOf(state: Sign): string {
  if (state === 'critical') return signPath('broken', 8, 8, 5.6)
  if (state === 'warning') return 'M8 1.6 15.2 14.2H.8z'
  if (state === 'beyond') return signPath('good', 8, 8, 2.2)
  return signPath(state, 8, 8, state === 'broken' ? 5.4 : 5.6)
}

/** The sign of a guest with what it means. */
export function GuestSign({ state }: { state: GuestState }) {
  return <Sign state={state} label={STATE_NAME[state]} />
}
