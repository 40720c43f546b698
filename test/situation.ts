import type { AnnounceObservation } from '../src/core/announcing/observation.ts'
import type { Guest } from '../src/core/guest/guest.ts'
import type { Link } from '../src/core/node/link.ts'
import type { Reading } from '../src/core/reading.ts'

/** What there is besides VM 100, which is well unless it says otherwise. */
export interface Situation {
  readonly guest?: Guest
  readonly others?: readonly Guest[]
  readonly policy?: string
  readonly notes?: object
  readonly links?: readonly (string | (Partial<Link> & { name: string }))[]
  readonly reading?: Partial<Reading>
  readonly announcing?: Partial<AnnounceObservation>
}
