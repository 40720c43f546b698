import type { AdvertisingChange } from './change.ts'
import type { AdvertisingObservation, ObservedAdvertiser } from './observation.ts'
import type { AdvertisingTarget } from './target.ts'

/**
 * The steps to an advertiser that tells guests what it should: what guests ask is taken to it only once it is there. Its link
 * goes and comes with it. `open`: the link that solicitations go to now, if any.
 */
export function diffAdvertising(
  { advertisements, table, inBackground }: AdvertisingTarget,
  { advertiser, startFailure, link }: AdvertisingObservation,
  open: string | undefined,
): AdvertisingChange[] {
  const guests = advertisements.length
  if (advertiser.state === 'starting') return []
  if (guests === 0) return [...stopping(advertiser), ...closing(open)]
  const isOpen = open === link.name
  if (isWell(advertiser, link)) {
    return [
      ...(advertiser.table === table ? [] : [{ kind: 'advertiser-tell', guests } as const]),
      ...(isOpen ? [] : [{ kind: 'solicitations-open', link: link.name } as const]),
    ]
  }
  const start = {
    kind: 'advertiser-start',
    ...('pid' in advertiser && { former: advertiser.pid }),
    guests,
  } as const
  if (!inBackground) return [start, { kind: 'solicitations-open', link: link.name }]
  return startFailure?.rests === 'all' ? [] : [{ ...start, inBackground }]
}

/** Whether guests are not told what they should be, because the advertiser that is to tell them is on its way. */
export function awaitsAdvertiser(
  target: AdvertisingTarget,
  { advertiser, startFailure, link }: AdvertisingObservation,
): boolean {
  if (!target.inBackground || target.advertisements.length === 0) return false
  return advertiser.state === 'starting' || (!isWell(advertiser, link) && startFailure?.rests !== 'all')
}

function isWell(
  advertiser: ObservedAdvertiser,
  link: AdvertisingObservation['link'],
): advertiser is Extract<ObservedAdvertiser, { state: 'answering' }> {
  return advertiser.state === 'answering' && advertiser.isCurrent && link.isUp
}

function closing(open: string | undefined): AdvertisingChange[] {
  return open === undefined ? [] : [{ kind: 'solicitations-close' }]
}

function stopping(advertiser: ObservedAdvertiser): AdvertisingChange[] {
  if ('pid' in advertiser) return [{ kind: 'advertiser-stop', pid: advertiser.pid }]
  return advertiser.state === 'absent' && advertiser.wasThere ? [{ kind: 'advertiser-stop' }] : []
}
