import type { Known } from '../live.ts'
import { Sign } from './sign.tsx'
import { Time } from './time.tsx'

/** That what is shown is not what is, and since when. */
export function Connection({
  trouble,
  hasSeen,
}: {
  trouble: NonNullable<Known['trouble']>
  hasSeen: boolean
}) {
  return (
    <p class="connection" role="status">
      <Sign state="warning" size={16} />
      <span>
        <strong>{trouble.why}</strong>{' '}
        {hasSeen ? (
          <>
            Shown is what it told until <Time at={trouble.since} precise />.
          </>
        ) : (
          'This page goes on asking.'
        )}
      </span>
    </p>
  )
}
