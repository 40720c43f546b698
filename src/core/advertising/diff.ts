import type { AdvertisingChange } from './change.ts'
import type { AdvertisingObservation, ObservedAdvertiser } from './observation.ts'
import type { AdvertisingTarget } from './target.ts'

/**
 * The steps to an advertiser that tells guests what it should: what guests ask is taken to it only once it is there. Its link
 * goes and comes with it. `open`: the link that solicitations go to now, if any.
 */
export function diffAdvertising(
  { advertisements, table }: AdvertisingTarget,
  { advertiser, link }: AdvertisingObservation,
  open: string | undefined,
): AdvertisingChange[] {
  const guests = advertisements.length
  if (guests === 0) return [...stopping(advertiser), ...closing(open)]
  const isOpen = open === link.name
  if (advertiser.state === 'answering' && advertiser.isCurrent && link.isUp) {
    return [
      ...(advertiser.table === table ? [] : [{ kind: 'advertiser-tell', guests } as const]),
      ...(isOpen ? [] : [{ kind: 'solicitations-open', link: link.name } as const]),
    ]
  }
  return [
    {
      kind: 'advertiser-start',
      ...(advertiser.state !== 'absent' && { former: advertiser.pid }),
      guests,
    },
    { kind: 'solicitations-open', link: link.name },
  ]
}

function closing(open: string | undefined): AdvertisingChange[] {
  return open === undefined ? [] : [{ kind: 'solicitations-close' }]
}

function stopping(advertiser: ObservedAdvertiser): AdvertisingChange[] {
  if (advertiser.state !== 'absent') return [{ kind: 'advertiser-stop', pid: advertiser.pid }]
  return advertiser.wasThere ? [{ kind: 'advertiser-stop' }] : []
}
